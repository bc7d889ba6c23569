import { afterAll, describe, expect, test } from 'vitest';
import { type EmbeddedStore, prefixRange, type Revision, revision } from '../../src/index.ts';
import { Recorder, refused } from '../contract/subject.ts';
import { EmbeddedCluster, leadershipOf, until } from '../embedded-cluster.ts';

const cluster = await EmbeddedCluster.start(1, { choresEveryMs: 50, retention: { historyBytes: 40_000 } });
afterAll(() => cluster[Symbol.asyncDispose]());

describe('the history on disk', { timeout: 30_000 }, () => {
  test('is read where memory does not reach: after a restart', async () => {
    const revisions: Revision[] = [];
    for (let i = 0; i < 60; i++) revisions.push(await put(cluster.at(0), `k${i % 7}`, String(i)));
    const before = Date.now();
    await cluster.stop(0);
    const store = await cluster.restart(0);
    await leadershipOf(store, 'leader');
    const at = revisions[29] as Revision;
    const range = { ...prefixRange('/t/'), consistency: { kind: 'linearizable' } } as const;
    const past = (await store.range({ ...range, revision: at })).kvs.map((kv) => Buffer.from(kv.value).toString());
    expect(past.sort()).toEqual(['23', '24', '25', '26', '27', '28', '29']);
    using watch = new Recorder(store, { ...prefixRange('/t/'), startRevision: at }, 3);
    await watch.count(31);
    expect(watch.told.slice(0, 2)).toEqual(['k1=29 (was 22)', 'k2=30 (was 23)']);
    expect(await store.revisionAt(before)).toBe(revisions.at(-1));
    expect(await store.revisionAt(1000)).toBeUndefined();
  });

  test('is forgotten beyond its size, and the present stays', async () => {
    const store = cluster.at(0);
    const first = await put(store, 'old', 'x');
    for (let i = 0; i < 100; i++) await put(store, 'big', 'y'.repeat(500));
    await until(() => store.status().compactRevision > first);
    await until(() => store.metrics().historyBytes <= 40_000);
    const range = { ...prefixRange('/t/'), consistency: { kind: 'linearizable' } } as const;
    await refused('compacted', store.range({ ...range, revision: first }));
    const { compactRevision } = store.status();
    expect((await store.range({ ...range, revision: compactRevision })).kvs.length).toBeGreaterThan(0);
    expect((await store.range({ from: '/t/old', consistency: range.consistency })).count).toBe(1);
    using watch = new Recorder(store, { ...prefixRange('/t/'), startRevision: first }, 3);
    await watch.until((recorder) => recorder.ended !== undefined);
    expect(watch.ended).toMatchObject({ kind: 'compacted' });
  });

  test('is gone for good after a restart as well', async () => {
    const { compactRevision } = cluster.at(0).status();
    await cluster.stop(0);
    const store = await cluster.restart(0, { choresEveryMs: 60_000 });
    await leadershipOf(store, 'leader');
    expect(store.status().compactRevision).toBe(compactRevision);
    const before = revision(compactRevision - 1);
    await refused('compacted', store.range({ from: '/t/old', revision: before, consistency: { kind: 'local' } }));
  });
});

async function put(store: EmbeddedStore, name: string, value: string): Promise<Revision> {
  const operation = { kind: 'put', key: `/t/${name}`, value: Buffer.from(value) } as const;
  return (await store.txn({ compare: [], success: [operation] })).revision;
}
