import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { realWorld } from '@berth/world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StoreError } from '../../src/index.ts';
import { TestAuthority } from '../certificates.ts';
import { testTimings } from '../embedded-cluster.ts';
import { freePort } from '../free-port.ts';
import { testFolder } from '../test-folder.ts';
import { MemberProcess } from './process-cluster.ts';

const MiB = 1024 * 1024;
const limitMs = 30_000;
let disk: string;
let member: MemberProcess;

beforeEach(async () => {
  disk = await testFolder('disk');
});
afterEach(async () => {
  await member.kill();
  await rm(disk, { recursive: true, force: true });
});

test('rule 55: a full disk refuses writes and recovers when space returns', { timeout: limitMs }, async () => {
  await startMember(16 * MiB);
  let written = 0;
  for (; written < 20; written++) expect(await put(written)).toBe('done');
  await fill(8 * MiB);
  let refusal = await put(written);
  while (refusal === 'done') {
    written += 1;
    await realWorld.timers.sleep(50);
    refusal = await put(written);
  }
  expect(refusal).toBe('disk-full');
  expect(await count()).toBe(written);
  await fill(undefined);
  while ((await put(written)) !== 'done') await realWorld.timers.sleep(50);
  expect(await count()).toBe(written + 1);
});

test('rule 54: a failed write ends the process, and nothing acknowledged is missing afterwards', {
  timeout: limitMs,
}, async () => {
  await startMember(1);
  let written = 0;
  for (; written < 20; written++) expect(await put(written)).toBe('done');
  await fill(256 * 1024);
  while ((await put(written, 300_000)) === 'done') written += 1;
  // Its launcher has made space and started it again.
  while ((await member.ask({ kind: 'leads' })) !== 'leader') await realWorld.timers.sleep(20);
  expect(await count()).toBeGreaterThanOrEqual(written);
});

/** On a small file system of its own, in a namespace that ends with it: nothing is left behind whatever happens. */
async function startMember(diskReserveBytes: number): Promise<void> {
  const name = 'server-1';
  const authority = await TestAuthority.create();
  await mkdir(disk, { recursive: true });
  const script =
    'ulimit -c 0; mount -t tmpfs -o size=48m tmpfs "$0" && "$@"; rm -f "$0/filler"; while true; do "$@" && exit; done';
  member = new MemberProcess(
    {
      dataDirectory: join(disk, 'data'),
      member: { name, apiAddress: '', gatewayAddress: '', peerAddress: `127.0.0.1:${await freePort()}` },
      tls: await authority.server(name),
      timings: testTimings,
      found: { kind: 'bootstrap' },
      diskReserveBytes,
    },
    (line) => ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', script, disk, ...line],
  );
  await member.start();
}

function fill(leftBytes: number | undefined): Promise<unknown> {
  return member.ask({ kind: 'fill', file: join(disk, 'filler'), leftBytes });
}

async function count(): Promise<number> {
  return ((await member.ask({ kind: 'list', prefix: '/t/' })) as unknown[]).length;
}

async function put(number: number, bytes = 1000): Promise<string> {
  try {
    await member.ask({ kind: 'put', key: `/t/${number}`, value: 'x'.repeat(bytes) });
    return 'done';
  } catch (error) {
    if (error instanceof StoreError) return error.code;
    throw error;
  }
}
