import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { realWorld } from '@berth/world';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  inspectMember,
  inspectSnapshot,
  openEmbeddedStore,
  prefixRange,
  type Revision,
  recoverMember,
  recoveryPrefix,
  restoreSnapshot,
  SnapshotError,
  type Store,
  saveSnapshot,
  verifySnapshot,
} from '../../src/index.ts';
import { EmbeddedCluster, leadershipOf, until } from '../embedded-cluster.ts';
import { testFolder } from '../test-folder.ts';

const limitMs = 30_000;
let cluster: EmbeddedCluster;
let folder: string;
let file: string;
let old: Revision;

beforeAll(async () => {
  folder = await testFolder('snapshots');
  file = join(folder, 'store.snapshot');
  cluster = await EmbeddedCluster.start(3);
  old = await put(cluster.at(0), 'a', 'old');
  for (let i = 0; i < 50; i++) await put(cluster.at(0), `k${i}`, String(i));
  await put(cluster.at(0), 'a', 'new');
}, limitMs);

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test('a snapshot is saved whole and tells what it holds', { timeout: limitMs }, async () => {
  const saved = await saveSnapshot(cluster.at(1).snapshot(), file);
  expect(saved).toMatchObject({ clusterId: cluster.at(0).clusterId, keys: 51 });
  expect(saved.members.map(({ name }) => name)).toEqual(['server-1', 'server-2', 'server-3']);
  expect(saved.bytes).toBe((await stat(file)).size);
  expect(await verifySnapshot(file)).toEqual(saved);
  const { records: _records, ...headline } = saved;
  expect(await inspectSnapshot(file)).toEqual(headline);
});

test('a snapshot whose number of records is none is refused', async () => {
  const bytes = await readFile(file);
  const altered = join(folder, 'altered-count');
  // The count and the digest are the last 40 bytes.
  bytes[bytes.length - 40] = 0xff;
  await writeFile(altered, bytes);
  await expect(verifySnapshot(altered)).rejects.toThrow(SnapshotError);
});

test('a snapshot that was altered anywhere is refused', { timeout: limitMs }, async () => {
  const bytes = await readFile(file);
  const altered = join(folder, 'altered');
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (offset, flip) => {
      const copy = Buffer.from(bytes);
      copy[offset] = (copy[offset] as number) ^ flip;
      await writeFile(altered, copy);
      await expect(verifySnapshot(altered)).rejects.toThrow(SnapshotError);
    }),
    { numRuns: 60 },
  );
  await writeFile(altered, bytes.subarray(0, bytes.length - 1));
  await expect(verifySnapshot(altered)).rejects.toThrow('cut off');
});

test('a restored snapshot is a cluster of one with state and history, and takes members in', {
  timeout: limitMs,
}, async () => {
  const options = { ...cluster.optionsOf(0), dataDirectory: join(folder, 'restored') };
  const member = { ...options.member, peerAddress: '127.0.0.1:0' };
  await restoreSnapshot({ world: realWorld, snapshot: file, dataDirectory: options.dataDirectory, member });
  await using store = await openEmbeddedStore({ ...options, member });
  expect(store.clusterId).toBe(cluster.at(0).clusterId);
  await leadershipOf(store, 'leader');
  expect(await get(store, 'a')).toBe('new');
  const range = { ...prefixRange('/t/'), consistency: { kind: 'linearizable' } } as const;
  expect((await store.range({ ...range, revision: old })).kvs).toHaveLength(1);
  expect(store.members.list().map(({ name }) => name)).toEqual(['server-1']);
  await put(store, 'a', 'after');
  expect(await get(store, 'a')).toBe('after');
});

test('a snapshot is not restored over a member, and a damaged one leaves nothing behind', {
  timeout: limitMs,
}, async () => {
  const { member } = cluster.optionsOf(0);
  const over = { world: realWorld, snapshot: file, dataDirectory: join(folder, 'restored'), member };
  await expect(restoreSnapshot(over)).rejects.toThrow('holds a member already');
  const damaged = join(folder, 'damaged');
  const handle = await open(damaged, 'w');
  await handle.write((await readFile(file)).subarray(0, 2000));
  await handle.close();
  const fresh = { ...over, snapshot: damaged, dataDirectory: join(folder, 'fresh') };
  await expect(restoreSnapshot(fresh)).rejects.toThrow(SnapshotError);
  await expect(inspectMember(realWorld, fresh.dataDirectory)).rejects.toThrow('holds no member');
});

test('rule 46: recover makes a cluster of one from a survivor, and says so', { timeout: limitMs }, async () => {
  await put(cluster.at(0), 'last', 'word');
  await until(() => cluster.at(2).status().revision === cluster.at(0).status().revision);
  await Promise.all([cluster.stop(0), cluster.stop(1), cluster.stop(2)]);
  const { dataDirectory } = cluster.optionsOf(2);
  const inspected = await inspectMember(realWorld, dataDirectory);
  expect(inspected).toMatchObject({ memberId: '3', storage: { verdict: 'ok' } });
  expect(inspected.members.map(({ name }) => name)).toEqual(['server-1', 'server-2', 'server-3']);
  await recoverMember({ world: realWorld, dataDirectory });
  const survivor = await cluster.restart(2);
  await leadershipOf(survivor, 'leader');
  expect(await get(survivor, 'last')).toBe('word');
  expect(survivor.members.list().map(({ name }) => name)).toEqual(['server-3']);
  const { kvs } = await survivor.range({ ...prefixRange(recoveryPrefix), consistency: { kind: 'linearizable' } });
  expect(JSON.parse(Buffer.from(kvs[0]?.value ?? '').toString())).toMatchObject({ lastIndex: inspected.lastIndex });
  const leftOver = await cluster.restart(0);
  await until(() => JSON.stringify(leftOver.members.list()).includes('belongs to cluster'));
  expect(leftOver.status().leadership.kind).toBe('leaderless');
});

async function put(store: Store, name: string, value: string): Promise<Revision> {
  const operation = { kind: 'put', key: `/t/${name}`, value: Buffer.from(value) } as const;
  return (await store.txn({ compare: [], success: [operation] })).revision;
}

async function get(store: Store, name: string): Promise<string> {
  const { kvs } = await store.range({ from: `/t/${name}`, consistency: { kind: 'linearizable' } });
  return Buffer.from(kvs[0]?.value ?? '').toString();
}
