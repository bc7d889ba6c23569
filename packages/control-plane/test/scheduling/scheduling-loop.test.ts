import { conflict, type PodCondition, serviceUnavailable } from '@berth/api';
import { expect, test } from 'vitest';
import { bindingsMax } from '../../src/scheduling/binding-writer.ts';
import { clusterNode, clusterPod, SmallCluster } from './small-cluster.ts';

function scheduledCondition(cluster: SmallCluster, name: string): PodCondition | undefined {
  return cluster.pod(name).status?.conditions?.find(({ type }) => type === 'PodScheduled');
}

const nodeOf = (cluster: SmallCluster, name: string): string | undefined => cluster.pod(name)?.spec.nodeName;

test('pods that were there before and pods that come later are bound, under the fence of the reign, with an event', async () => {
  const cluster = new SmallCluster();
  cluster.put('nodes', clusterNode('n1'));
  cluster.put('pods', clusterPod('before'));
  await using _scheduling = cluster.start();
  cluster.put('pods', clusterPod('later'));
  await cluster.until(() => nodeOf(cluster, 'before') === 'n1' && nodeOf(cluster, 'later') === 'n1');
  expect([...cluster.fences]).toEqual(['reign-1']);
  expect(cluster.events.map(({ type, reason, message }) => [type, reason, message])).toContainEqual([
    'Normal',
    'Scheduled',
    'Successfully assigned default/before to n1',
  ]);
});

test('nothing is oversold while bindings are on their way', async () => {
  const cluster = new SmallCluster();
  cluster.put('nodes', clusterNode('n1', '2'));
  for (const name of ['a', 'b', 'c']) cluster.put('pods', clusterPod(name));
  cluster.hold();
  await using _scheduling = cluster.start();
  await cluster.until(() => scheduledCondition(cluster, 'c')?.status === 'False');
  expect(cluster.bindingCalls).toEqual(['a n1', 'b n1']);
  cluster.answer();
});

test('a gang waits until all of it is there and has room, and is bound together', async () => {
  const cluster = new SmallCluster();
  cluster.put('nodes', clusterNode('n1', '2'));
  await using _scheduling = cluster.start();
  const member = (name: string) => {
    const pod = clusterPod(name);
    const annotations = { 'berth.dev/gang': 'training', 'berth.dev/gang-size': '3' };
    return { ...pod, metadata: { ...pod.metadata, annotations } };
  };
  for (const name of ['a', 'b', 'c']) cluster.put('pods', member(name));
  await cluster.settle();
  expect(['a', 'b', 'c'].map((name) => nodeOf(cluster, name))).toEqual([undefined, undefined, undefined]);
  cluster.put('nodes', clusterNode('n2', '2'));
  await cluster.until(() => ['a', 'b', 'c'].every((name) => nodeOf(cluster, name) !== undefined));
});

test('a pod that asks for devices is bound with the ones it was given, and nobody else gets them', async () => {
  const cluster = new SmallCluster();
  const node = clusterNode('n1');
  cluster.put('nodes', {
    ...node,
    status: { allocatable: { ...node.status?.allocatable, 'berth.dev/gpu': '2' } },
  });
  await using _scheduling = cluster.start();
  const withGpu = (name: string) => {
    const pod = clusterPod(name);
    return {
      ...pod,
      spec: {
        ...pod.spec,
        containers: [{ name: 'main', resources: { requests: { cpu: '1', 'berth.dev/gpu': '1' } } }],
      },
    };
  };
  cluster.put('pods', withGpu('a'));
  cluster.put('pods', withGpu('b'));
  await cluster.until(() => ['a', 'b'].every((name) => nodeOf(cluster, name) === 'n1'));
  const given = ['a', 'b'].map((name) => cluster.pod(name).metadata.annotations?.['berth.dev/devices']);
  expect(new Set(given)).toEqual(new Set(['{"berth.dev/gpu":[0]}', '{"berth.dev/gpu":[1]}']));
});

test('a pod that fits nowhere is told why, once, and is placed when room comes', async () => {
  const cluster = new SmallCluster();
  cluster.put('nodes', clusterNode('n1', '2'));
  await using _scheduling = cluster.start();
  cluster.put('pods', clusterPod('big', '64'));
  await cluster.until(() => scheduledCondition(cluster, 'big') !== undefined);
  expect(scheduledCondition(cluster, 'big')).toEqual({
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message:
      '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
  cluster.put('nodes', { ...clusterNode('n1', '2'), metadata: { name: 'n1', uid: 'n1', labels: { new: 'label' } } });
  await cluster.settle();
  cluster.world.advance(2_000);
  await cluster.settle();
  expect(cluster.events.filter(({ reason }) => reason === 'FailedScheduling')).toHaveLength(1);
  cluster.put('nodes', clusterNode('n2', '64'));
  await cluster.until(() => nodeOf(cluster, 'big') === 'n2');
});

test('the sentence follows the cluster, a little later', async () => {
  const cluster = new SmallCluster();
  await using _scheduling = cluster.start();
  cluster.put('pods', clusterPod('big', '64'));
  await cluster.until(() => scheduledCondition(cluster, 'big')?.message === 'no nodes available to schedule pods');
  cluster.put('nodes', clusterNode('n1'));
  await cluster.settle();
  cluster.world.advance(2_000);
  await cluster.until(
    () =>
      scheduledCondition(cluster, 'big')?.message ===
      '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
  );
  await cluster.settle();
  expect(cluster.events.map(({ reason }) => reason)).toEqual(['FailedScheduling', 'FailedScheduling']);
});

test('a refused binding is decided anew after a pause that grows', async () => {
  const cluster = new SmallCluster();
  cluster.put('nodes', clusterNode('n1'));
  cluster.refusals.set('a', conflict({ group: '', resource: 'pods' }, 'a', 'someone was faster'));
  await using _scheduling = cluster.start();
  cluster.put('pods', clusterPod('a'));
  await cluster.until(() => cluster.bindingCalls.length === 1);
  await cluster.settle();
  expect(cluster.bindingCalls).toHaveLength(1);
  cluster.refusals.set('a', serviceUnavailable('no quorum'));
  cluster.world.advance(100);
  await cluster.until(() => cluster.bindingCalls.length === 2);
  await cluster.settle();
  cluster.world.advance(199);
  await cluster.settle();
  expect(cluster.bindingCalls).toHaveLength(2);
  cluster.world.advance(1);
  await cluster.until(() => nodeOf(cluster, 'a') === 'n1');
});

test('a pod that went while its binding was on its way leaves its room to others', async () => {
  const cluster = new SmallCluster();
  cluster.put('nodes', clusterNode('n1', '1'));
  cluster.hold();
  await using _scheduling = cluster.start();
  cluster.put('pods', clusterPod('a'));
  await cluster.until(() => cluster.bindingCalls.length === 1);
  cluster.remove('pods', 'default/a');
  cluster.answer();
  cluster.put('pods', clusterPod('b'));
  await cluster.until(() => nodeOf(cluster, 'b') === 'n1');
});

test('a pod made again under the same name is another pod', async () => {
  const cluster = new SmallCluster();
  cluster.put('nodes', clusterNode('n1'));
  cluster.put('pods', { ...clusterPod('a', '64', 'first') });
  await using _scheduling = cluster.start();
  await cluster.until(() => scheduledCondition(cluster, 'a') !== undefined);
  cluster.put('pods', clusterPod('a', '1', 'second'));
  await cluster.until(() => nodeOf(cluster, 'a') === 'n1');
});

test('when another scheduler binds a pod first, that binding counts', async () => {
  const cluster = new SmallCluster();
  for (const name of ['n1', 'n2']) cluster.put('nodes', clusterNode(name, '1'));
  cluster.hold();
  await using _scheduling = cluster.start();
  cluster.put('pods', clusterPod('a'));
  await cluster.until(() => cluster.bindingCalls.length === 1);
  const [, chosen = ''] = cluster.bindingCalls[0]?.split(' ') ?? [];
  const other = chosen === 'n1' ? 'n2' : 'n1';
  cluster.refusals.set('a', conflict({ group: '', resource: 'pods' }, 'a', 'already assigned'));
  cluster.put('pods', { ...clusterPod('a'), spec: { ...clusterPod('a').spec, nodeName: other } });
  cluster.answer();
  cluster.put('pods', clusterPod('b'));
  await cluster.until(() => nodeOf(cluster, 'b') === chosen);
});

test('an object that cannot be understood keeps no other pod from being placed', async () => {
  const cluster = new SmallCluster();
  cluster.put('nodes', clusterNode('n1'));
  await using _scheduling = cluster.start();
  cluster.put('pods', clusterPod('broken', 'two'));
  cluster.put('pods', clusterPod('sound'));
  await cluster.until(() => nodeOf(cluster, 'sound') === 'n1');
  expect(JSON.stringify(cluster.faults)).toContain('pod default/broken: ');
});

test('a pod of higher priority makes room: its node is promised, the victim deleted and told, then it is bound', async () => {
  const cluster = new SmallCluster();
  cluster.put('nodes', clusterNode('n1', '1'));
  await using _scheduling = cluster.start();
  cluster.put('pods', clusterPod('low'));
  await cluster.until(() => nodeOf(cluster, 'low') === 'n1');
  cluster.put('pods', { ...clusterPod('high'), spec: { ...clusterPod('high').spec, priority: 100 } });
  await cluster.until(() => cluster.pod('low').metadata.deletionTimestamp !== undefined);
  await cluster.until(() => cluster.pod('high').status?.nominatedNodeName === 'n1');
  expect(nodeOf(cluster, 'high')).toBeUndefined();
  expect(cluster.events.map(({ about, reason, message }) => [about.metadata.name, reason, message])).toContainEqual([
    'low',
    'Preempted',
    'Preempted by pod high on node n1',
  ]);
  cluster.remove('pods', 'default/low');
  await cluster.until(() => nodeOf(cluster, 'high') === 'n1');
});

test('only so many bindings are on their way at once', async () => {
  const cluster = new SmallCluster();
  cluster.put('nodes', {
    ...clusterNode('n1', '4000'),
    status: { allocatable: { cpu: '4000', memory: '1Ti', pods: '4000' } },
  });
  for (let at = 0; at < bindingsMax + 100; at += 1) cluster.put('pods', clusterPod(`p${at}`));
  cluster.hold();
  await using _scheduling = cluster.start();
  await cluster.until(() => cluster.bindingCalls.length === bindingsMax);
  await cluster.settle();
  expect(cluster.bindingCalls).toHaveLength(bindingsMax);
  cluster.answer();
  await cluster.until(() => nodeOf(cluster, `p${bindingsMax + 99}`) === 'n1');
});

test('after its end it listens no more and writes no more', async () => {
  const cluster = new SmallCluster();
  cluster.put('nodes', clusterNode('n1'));
  await using scheduling = cluster.start();
  await scheduling[Symbol.asyncDispose]();
  cluster.put('pods', clusterPod('a'));
  await cluster.settle();
  expect([cluster.listeners, cluster.bindingCalls.length]).toEqual([0, 0]);
});

test('a server that leads again uses the metrics of its first reign', async () => {
  const cluster = new SmallCluster();
  cluster.put('nodes', clusterNode('n1'));
  await (async () => {
    await using _first = cluster.start();
    cluster.put('pods', clusterPod('a'));
    await cluster.until(() => nodeOf(cluster, 'a') === 'n1');
  })();
  await using _second = cluster.start();
  cluster.put('pods', clusterPod('b'));
  await cluster.until(() => nodeOf(cluster, 'b') === 'n1');
  expect(await cluster.metrics.metrics()).toContain('berth_scheduler_decisions_total{result="placed"} 2');
});

test('the thread decides as the loop without a thread does', { timeout: 60_000 }, async () => {
  const decided = async (engine: 'thread' | 'in-process'): Promise<readonly (string | undefined)[]> => {
    const cluster = new SmallCluster();
    for (const name of ['n1', 'n2', 'n3']) cluster.put('nodes', clusterNode(name));
    const names = Array.from({ length: 10 }, (_, at) => `p${at}`);
    for (const name of names) cluster.put('pods', clusterPod(name));
    cluster.put('pods', clusterPod('big', '64'));
    await using _scheduling = cluster.start(engine);
    await cluster.when(
      () =>
        scheduledCondition(cluster, 'big') !== undefined && names.every((name) => nodeOf(cluster, name) !== undefined),
    );
    return names.map((name) => nodeOf(cluster, name));
  };
  expect(await decided('thread')).toEqual(await decided('in-process'));
});
