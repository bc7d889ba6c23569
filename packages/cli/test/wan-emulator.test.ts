import { createSocket, type Socket } from 'node:dgram';
import { realWorld, type World } from '@berth/world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWanEmulator, type WanDelays, type WanEmulator } from '../src/dev/isolated/wan-emulator.ts';

const sites = [
  { dataCenter: 1, networks: ['10.89.1.0/24', '10.244.0.0/24'] },
  { dataCenter: 2, networks: ['10.89.2.0/24'] },
];
const delays: WanDelays = { sites, links: [{ from: 1, to: 2, latencyMs: 40 }] };

/** The head of an IPv4 packet, with a byte behind it to tell packets apart. */
function packet(from: string, to: string, mark: number): Buffer {
  const bytes = Buffer.alloc(21);
  bytes[0] = 0x45;
  bytes.set(from.split('.').map(Number), 12);
  bytes.set(to.split('.').map(Number), 16);
  bytes[20] = mark;
  return bytes;
}

const held: { readonly delayMs: number; readonly run: () => void }[] = [];
let nowMs = 0;
const world: World = {
  ...realWorld,
  clock: { ...realWorld.clock, monotonicMs: () => nowMs },
  timers: {
    ...realWorld.timers,
    after(delayMs, run) {
      held.push({ delayMs, run });
      return { [Symbol.dispose]: () => undefined };
    },
  },
};

let emulator: WanEmulator;
let kernel: Socket;
const marks: number[] = [];
let arrived = Promise.withResolvers<void>();

beforeEach(async () => {
  held.length = 0;
  marks.length = 0;
  emulator = await openWanEmulator(world, delays);
  kernel = createSocket('udp4');
  kernel.on('message', (bytes) => {
    marks.push(bytes[20] ?? 0);
    arrived.resolve();
    arrived = Promise.withResolvers();
  });
  await new Promise<void>((bound) => kernel.bind(0, '127.0.0.1', bound));
});
afterEach(async () => {
  await emulator[Symbol.asyncDispose]();
  await new Promise<void>((closed) => kernel.close(closed));
});

const send = (bytes: Buffer): void => kernel.send(bytes, emulator.port, '127.0.0.1');

/** Until the kernel has got so many packets back. */
async function until(count: number): Promise<void> {
  while (marks.length < count) await arrived.promise;
}

test('a packet between data centers is held for the time of its way, in both directions, pods included', async () => {
  send(packet('10.89.1.101', '10.89.2.101', 1));
  send(packet('10.89.2.101', '10.244.0.7', 2));
  send(packet('10.89.1.101', '10.89.1.102', 3));
  await until(1);
  expect(marks).toEqual([3]);
  expect(held.map(({ delayMs }) => delayMs)).toEqual([40, 40]);
  nowMs += 40;
  for (const { run } of held) run();
  await until(3);
  expect(marks).toEqual([3, 1, 2]);
});

test('a timer that fires early lets nothing out early', async () => {
  send(packet('10.89.1.101', '10.89.2.101', 1));
  send(packet('10.89.1.101', '10.89.1.102', 2));
  await until(1);
  nowMs += 37.5;
  held.shift()?.run();
  expect(held.map(({ delayMs }) => delayMs)).toEqual([3]);
  nowMs += 3;
  held.shift()?.run();
  await until(2);
  expect(marks).toEqual([2, 1]);
});

test('what is no IPv4 passes at once, and so does everything once the link is healed', async () => {
  send(Buffer.from([0x60, ...new Array<number>(19).fill(0), 9]));
  await until(1);
  emulator.replace({ sites, links: [] });
  send(packet('10.89.1.101', '10.89.2.101', 4));
  await until(2);
  expect(marks).toEqual([9, 4]);
  expect(held).toEqual([]);
});
