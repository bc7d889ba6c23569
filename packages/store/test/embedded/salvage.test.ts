import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type EmbeddedStore, prefixRange, type Revision } from '../../src/index.ts';
import { LevelTable } from '../../src/leveldb/level-table.ts';
import { recordKeys } from '../../src/state/state-records.ts';
import { refused } from '../contract/subject.ts';
import { EmbeddedCluster, leadershipOf } from '../embedded-cluster.ts';

const cluster = await EmbeddedCluster.start(1, { log: { checkpointEntries: 20, trailingEntries: 5 } });
afterAll(() => cluster[Symbol.asyncDispose]());

test('a damaged piece of the history that is past costs the history of this server, not its present', {
  timeout: 30_000,
}, async () => {
  const old = await put(cluster.at(0), 'a', 'old');
  for (const round of ['past', 'present'])
    for (let i = 0; i < 100; i++) await put(cluster.at(0), `k${i}`, `${round} ${i} `.repeat(20));
  const present = await all(cluster.at(0));
  // A restart moves what is in LevelDB's journal to a table.
  await cluster.stop(0);
  await cluster.restart(0);
  await cluster.stop(0);
  const folder = join(cluster.optionsOf(0).dataDirectory, 'state-1');
  await damageHistory(folder, old + 100);
  const store = await cluster.restart(0);
  await leadershipOf(store, 'leader');
  expect(store.storage.verdict).toBe('ok');
  expect(store.storage.reasons.join()).toContain('the present could be saved, its history on this server is lost');
  expect(await all(store)).toEqual(present);
  await refused('compacted', store.range({ from: '/t/a', revision: old, consistency: { kind: 'local' } }));
  const later = await put(store, 'a', 'new');
  await put(store, 'a', 'newer');
  const past = await store.range({ from: '/t/a', revision: later, consistency: { kind: 'local' } });
  expect(past.kvs.map((kv) => Buffer.from(kv.value).toString())).toEqual(['new']);
  await cluster.stop(0);
  expect((await readdir(cluster.optionsOf(0).dataDirectory)).filter((name) => name.startsWith('state'))).toEqual([
    'state-1',
  ]);
  const again = await cluster.restart(0);
  expect(again.storage).toEqual({ verdict: 'ok', reasons: [] });
});

test('a state that is lost altogether is made again from a log that reaches back to the beginning', {
  timeout: 30_000,
}, async () => {
  await using young = await EmbeddedCluster.start(1);
  for (let i = 0; i < 10; i++) await put(young.at(0), `k${i}`, String(i));
  const present = await all(young.at(0));
  await young.stop(0);
  const folder = join(young.optionsOf(0).dataDirectory, 'state-1');
  for (const name of await readdir(folder))
    if (name.startsWith('MANIFEST')) await writeFile(join(folder, name), 'nonsense');
  for (const name of await readdir(folder)) if (/\.(log|ldb)$/.test(name)) await rm(join(folder, name));
  const store = await young.restart(0);
  await leadershipOf(store, 'leader');
  expect(store.storage.reasons.join()).toContain('it is made again from the log');
  expect(await all(store)).toEqual(present);
});

test('a present that cannot be proven is set aside, and nobody leads without it', { timeout: 30_000 }, async () => {
  await using lone = await EmbeddedCluster.start(1, { log: { checkpointEntries: 20, trailingEntries: 5 } });
  for (let i = 0; i < 100; i++) await put(lone.at(0), `k${i}`, `value ${i} `.repeat(20));
  for (const again of [true, false]) {
    await lone.stop(0);
    if (again) await lone.restart(0);
  }
  const { dataDirectory } = lone.optionsOf(0);
  await damageHistory(join(dataDirectory, 'state-1'), Number.POSITIVE_INFINITY);
  const store = await lone.restart(0);
  expect(store.storage.verdict).not.toBe('ok');
  expect(store.storage.reasons.join()).toContain(`it was set aside as ${join(dataDirectory, 'damaged-state')}`);
  expect(await readdir(join(dataDirectory, 'damaged-state'))).toContain('CURRENT');
  expect(store.status()).toMatchObject({ leadership: { kind: 'leaderless' }, revision: 1 });
});

/** Flips a byte in a block that holds nothing but history up to a revision. */
async function damageHistory(folder: string, upTo: number): Promise<void> {
  for (const name of (await readdir(folder)).filter((each) => each.endsWith('.ldb'))) {
    const bytes = await readFile(join(folder, name));
    const table = new LevelTable(bytes);
    for (const handle of table.handles(table.indexes().index)) {
      const keys = [...table.entries(handle)].map(([key]) => Buffer.from(key).toString('latin1', 0, key.length - 8));
      if (!keys.every((key) => key.startsWith('e') && recordKeys.revisionOf(key) <= upTo)) continue;
      const at = handle.offset + Math.floor(handle.size / 2);
      bytes[at] = (bytes[at] as number) ^ 0x10;
      await writeFile(join(folder, name), bytes);
      return;
    }
  }
  throw new Error('no table holds a block of history');
}

async function put(store: EmbeddedStore, name: string, value: string): Promise<Revision> {
  const operation = { kind: 'put', key: `/t/${name}`, value: Buffer.from(value) } as const;
  return (await store.txn({ compare: [], success: [operation] })).revision;
}

async function all(store: EmbeddedStore): Promise<string[]> {
  const { kvs } = await store.range({ ...prefixRange('/t/'), consistency: { kind: 'linearizable' } });
  return kvs.map((kv) => `${kv.key}=${Buffer.from(kv.value).toString()}`);
}
