import { afterAll, expect, test } from 'vitest';
import type { EmbeddedStore } from '../../src/index.ts';
import { EmbeddedCluster, testTimings, until } from '../embedded-cluster.ts';

// All three members have their main side on the one thread of this test: when it is busy, all are.
const cluster = await EmbeddedCluster.start(3);
afterAll(() => cluster[Symbol.asyncDispose]());

test('main threads that are busy for longer than an election takes cause none', { timeout: 30_000 }, async () => {
  await cluster.settled();
  const before = await heard();
  const writing = Array.from({ length: 20 }, (_, i) => put(cluster.at(i % 3), `/busy/${i}`));
  beBusy(3 * testTimings.electionMs);
  await Promise.all(writing);
  beBusy(3 * testTimings.electionMs);
  await put(cluster.at(0), '/after');
  expect(await heard()).toEqual(before);
});

test('collecting the garbage of a big heap on the main thread causes none either', { timeout: 30_000 }, async () => {
  await cluster.settled();
  const before = await heard();
  let objects: unknown[] = [];
  for (let round = 0; round < 3; round++) {
    objects = [];
    for (let i = 0; i < 300_000; i++) objects.push({ name: `object ${i}`, labels: { app: 'web', number: i } });
    await put(cluster.at(round), `/garbage/${round}`);
  }
  expect(objects).toHaveLength(300_000);
  expect(await heard()).toEqual(before);
});

/** Leader, term and campaigns as all consensus threads have told them, later than now. */
async function heard(): Promise<unknown[]> {
  const told = cluster.stores.map((store) => store.metrics().core);
  await until(() => cluster.stores.every((store, index) => store.metrics().core !== told[index]));
  return cluster.stores.map((store) => {
    const { status, notices } = store.metrics().core ?? {};
    const campaigns = Object.entries(notices ?? {}).filter(([notice]) => notice.includes('campaign'));
    return { term: status?.term, leader: status?.leader, campaigns };
  });
}

/** Computes, without ever yielding. */
function beBusy(ms: number): void {
  const endMs = performance.now() + ms;
  for (let i = 0; performance.now() < endMs; i++) Math.sqrt(i);
}

async function put(store: EmbeddedStore, key: string): Promise<void> {
  await store.txn({ compare: [], success: [{ kind: 'put', key, value: Buffer.from('x') }] });
}
