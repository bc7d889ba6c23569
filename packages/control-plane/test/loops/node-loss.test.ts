import { type Node, type Pod, parseTime, type Stored } from '@berth/api';
import { expect, test } from 'vitest';
import { admin, LoopCluster, node, webDeployment } from './loop-cluster.ts';

/** Two connected nodes and a Deployment of four, two pods on each; the first node's agent was just killed. */
async function afterLoss(): Promise<LoopCluster> {
  const cluster = new LoopCluster();
  cluster.start();
  await cluster.settle();
  for (const name of ['n1', 'n2']) {
    await cluster.create('nodes', undefined, node(name));
    cluster.sessions.set(name, true);
  }
  await cluster.create('deployments.apps', 'default', webDeployment(4));
  await cluster.settle();
  for (const [at, pod] of cluster.pods.entries()) await cluster.makeReady(pod, at < 2 ? 'n1' : 'n2');
  await cluster.world.pass(10_000);
  cluster.sessions.set('n1', false);
  return cluster;
}

function nodeReady(cluster: LoopCluster): string | undefined {
  const found = cluster.cache.get<Stored<Node>>('nodes', 'n1');
  return found?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
}

function on(cluster: LoopCluster, nodeName: string): readonly Stored<Pod>[] {
  return cluster.pods.filter(({ spec }) => spec.nodeName === nodeName);
}

function unassigned(cluster: LoopCluster): readonly Stored<Pod>[] {
  return cluster.pods.filter(({ spec }) => spec.nodeName === undefined);
}

test('two seconds after an agent is gone its node is Unknown, one second later replacements are there', async () => {
  await using cluster = await afterLoss();
  await cluster.world.pass(1_990);
  expect(nodeReady(cluster)).toBe('True');
  await cluster.world.pass(20);
  expect(nodeReady(cluster)).toBe('Unknown');
  expect(on(cluster, 'n1').map(({ status }) => status?.reason)).toEqual(['NodeLost', 'NodeLost']);
  expect(unassigned(cluster)).toEqual([]);
  await cluster.world.pass(1_000);
  expect(unassigned(cluster)).toHaveLength(2);
  expect(cluster.replicaSets[0]?.status?.replicas).toBe(4);
});

test('an agent that comes back in time costs nothing', async () => {
  await using cluster = await afterLoss();
  const before = cluster.pods;
  await cluster.world.pass(1_500);
  cluster.sessions.set('n1', true);
  await cluster.world.pass(60_000);
  expect(cluster.pods).toEqual(before);
});

test('when the node comes back later its pods stay and the replacements go', async () => {
  await using cluster = await afterLoss();
  const originals = on(cluster, 'n1').map(({ metadata }) => metadata.name);
  await cluster.world.pass(3_100);
  for (const pod of unassigned(cluster)) await cluster.makeReady(pod, 'n2');
  await cluster.world.pass(20_000);

  cluster.sessions.set('n1', true);
  for (const name of originals) {
    const ref = { resource: 'pods', namespace: 'default', name };
    const ready = { type: 'Ready', status: 'True', lastTransitionTime: '2026-05-02T10:00:00Z' };
    await cluster.registry.modify(
      ref,
      'status',
      (object) => {
        const { status } = object as unknown as Stored<Pod>;
        const conditions = [ready, ...(status?.conditions ?? []).filter(({ type }) => type !== 'Ready')];
        return { ...object, status: { ...status, reason: undefined, message: undefined, conditions } };
      },
      admin,
    );
  }
  await cluster.world.pass(2_000);
  await cluster.completeRollout();
  expect(nodeReady(cluster)).toBe('True');
  expect(on(cluster, 'n1').map(({ metadata }) => metadata.name)).toEqual(originals);
  expect(cluster.pods).toHaveLength(4);
});

test('a node that stays away loses its pods after ten minutes, a deleted one at once', async () => {
  await using cluster = await afterLoss();
  await cluster.world.pass(3_100);
  const lostAt = cluster.cache
    .get<Stored<Node>>('nodes', 'n1')
    ?.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
  expect(on(cluster, 'n1')).toHaveLength(2);
  await cluster.world.pass(600_000 - 3_100 - 1_000);
  expect(on(cluster, 'n1')).toHaveLength(2);
  await cluster.world.pass(5_000);
  expect(on(cluster, 'n1')).toEqual([]);
  expect(cluster.world.clock.wallMs() - (parseTime(lostAt ?? '') ?? 0)).toBeGreaterThan(600_000);

  await cluster.registry.delete({ resource: 'nodes', name: 'n2' }, {}, admin);
  await cluster.settle();
  expect(on(cluster, 'n2')).toEqual([]);
});

test('a new leader judges nobody for four seconds, and then by what it has heard itself', async () => {
  await using cluster = await afterLoss();
  cluster.sessions.set('n1', true);
  await cluster.world.pass(5_000);
  cluster.memory.elect({ leaderless: 'an election' });
  cluster.memory.elect('lead');
  cluster.sessions.forget('n1');
  await cluster.world.pass(3_900);
  expect(nodeReady(cluster)).toBe('True');
  await cluster.world.pass(200);
  expect(nodeReady(cluster)).toBe('Unknown');
});

test('a leader that stood still does not take its own silence for that of the agents', async () => {
  await using cluster = await afterLoss();
  const before = cluster.pods;
  cluster.world.spend(6_000);
  await cluster.world.pass(100);
  expect(nodeReady(cluster)).toBe('True');
  cluster.sessions.set('n1', true);
  await cluster.world.pass(60_000);
  expect(nodeReady(cluster)).toBe('True');
  expect(cluster.pods).toEqual(before);
});

test('an agent that stays away after a standstill of the leader is lost four seconds later', async () => {
  await using cluster = await afterLoss();
  cluster.world.spend(6_000);
  await cluster.world.pass(3_900);
  expect(nodeReady(cluster)).toBe('True');
  await cluster.world.pass(200);
  expect(nodeReady(cluster)).toBe('Unknown');
});
