import { afterAll, expect, test } from 'vitest';
import type { EmbeddedStore } from '../../src/index.ts';
import { EmbeddedCluster, until } from '../embedded-cluster.ts';

const cluster = await EmbeddedCluster.start(3);
afterAll(() => cluster[Symbol.asyncDispose]());

test('rule 42: a leader removes itself, hears that it is done, and nobody waits for an election', async () => {
  await cluster.settled();
  const leader = await cluster.leader();
  const others = cluster.stores.filter((store) => store !== leader);
  const before = await timeouts(others);
  await leader.members.remove(leader.memberId);
  await until(() => others.some((store) => store.status().leadership.kind === 'leader'));
  expect(await timeouts(others)).toBe(before);
  const left = others[0]?.members.list() ?? [];
  expect(left.map(({ memberId }) => memberId).sort()).toEqual(others.map(({ memberId }) => memberId).sort());
  await until(() => {
    const { leadership } = leader.status();
    return leadership.kind === 'leaderless' && leadership.removed === true;
  });
});

/** Campaigns because nobody led, as the consensus threads have told them, later than now. */
async function timeouts(stores: readonly EmbeddedStore[]): Promise<number> {
  const told = stores.map((store) => store.metrics().core);
  await until(() => stores.every((store, index) => store.metrics().core !== told[index]));
  return stores.reduce((sum, store) => sum + (store.metrics().core?.notices['campaign-started timeout'] ?? 0), 0);
}
