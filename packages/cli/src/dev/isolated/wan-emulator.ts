import { createSocket, type Socket } from 'node:dgram';
import { BlockList } from 'node:net';
import type { World } from '@berth/world';

/** One-way delays between data centers, as the emulator reads them from its file. */
export interface WanDelays {
  readonly sites: readonly { readonly dataCenter: number; readonly networks: readonly string[] }[];
  readonly links: readonly { readonly from: number; readonly to: number; readonly latencyMs: number }[];
}

export interface WanEmulator extends AsyncDisposable {
  /** Loopback port that takes and gives back IP packets, one a datagram. */
  readonly port: number;
  replace(delays: WanDelays): void;
}

/** Packets held at most; beyond that they are dropped, as a full router queue would. */
const heldMax = 20_000;

/**
 * Holds IP packets for the time that their way between two data centers takes. The kernel routes what crosses sites into a
 * TUN device; socat carries its packets here as datagrams and back. User space, because not every kernel has netem.
 */
export async function openWanEmulator(world: World, initial: WanDelays): Promise<WanEmulator> {
  let delayOf = compile(initial);
  let held = 0;
  const socket = createSocket('udp4');
  socket.on('message', (packet, from) => {
    const delayMs = delayOf(packet);
    const pass = (): void => socket.send(packet, from.port, from.address);
    if (delayMs === 0) pass();
    else if (held < heldMax) {
      held++;
      holdUntil(world, world.clock.monotonicMs() + delayMs, () => {
        held--;
        pass();
      });
    }
  });
  await bind(socket);
  return {
    port: socket.address().port,
    replace(delays) {
      delayOf = compile(delays);
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
}

/** Timers count from when their turn of the event loop began, so they may fire early; a packet is never early. */
function holdUntil(world: World, dueMs: number, pass: () => void): void {
  const restMs = dueMs - world.clock.monotonicMs();
  if (restMs <= 0) pass();
  else world.timers.after(Math.ceil(restMs), () => holdUntil(world, dueMs, pass));
}

function bind(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => {
      socket.setRecvBufferSize(4 << 20);
      socket.setSendBufferSize(4 << 20);
      resolve();
    });
  });
}

/** From an IPv4 packet to the milliseconds it is held; 0 for anything else and for pairs without a delay. */
function compile(delays: WanDelays): (packet: Buffer) => number {
  const sites = delays.sites.map(({ dataCenter, networks }) => {
    const list = new BlockList();
    for (const network of networks) {
      const [address, bits] = network.split('/');
      list.addSubnet(address ?? '', Number(bits ?? 32));
    }
    return { dataCenter, list };
  });
  const siteByAddress = new Map<string, number>();
  const siteOf = (address: string): number => {
    let site = siteByAddress.get(address);
    if (site === undefined) {
      site = sites.find(({ list }) => list.check(address))?.dataCenter ?? 0;
      if (siteByAddress.size > 10_000) siteByAddress.clear();
      siteByAddress.set(address, site);
    }
    return site;
  };
  const byPair = new Map(
    delays.links.flatMap(({ from, to, latencyMs }) => [
      [`${from}-${to}`, latencyMs] as const,
      [`${to}-${from}`, latencyMs] as const,
    ]),
  );
  return (packet) => {
    if (packet.length < 20 || (packet[0] ?? 0) >> 4 !== 4) return 0;
    return byPair.get(`${siteOf(packet.subarray(12, 16).join('.'))}-${siteOf(packet.subarray(16, 20).join('.'))}`) ?? 0;
  };
}
