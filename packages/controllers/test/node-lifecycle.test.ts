import { formatTime } from '@berth/api';
import { expect, test } from 'vitest';
import { nodeLifecycleController } from '../src/node-lifecycle/node-lifecycle-controller.ts';
import { FakeCluster } from './fake-cluster.ts';
import { condition, makeReady, namesOf, node, pod, readyStatus, settings } from './fixtures.ts';
import { runTwice } from './loops.ts';

const controller = nodeLifecycleController(settings);

function clusterWithPod(): FakeCluster {
  const cluster = new FakeCluster();
  cluster.create('nodes', node('n1'));
  cluster.create('pods', pod('web-1'));
  makeReady(cluster, 'web-1');
  cluster.connect('n1');
  cluster.now = { ...cluster.now, hearingSinceMonotonicMs: cluster.now.monotonicMs - 60_000 };
  return cluster;
}

function lose(cluster: FakeCluster): void {
  cluster.disconnect('n1');
  cluster.advance(settings.nodeLossAfterMs);
  runTwice(cluster, controller, 'n1');
}

test('a connected node and its pods are left alone', () => {
  const cluster = clusterWithPod();
  expect(runTwice(cluster, controller, 'n1')).toEqual({ writes: [] });
});

test('a silent node is judged after 2 s, not before', () => {
  const cluster = clusterWithPod();
  cluster.disconnect('n1');
  cluster.advance(500);
  expect(controller.reconcile(cluster, 'n1', cluster.now)).toEqual({ writes: [], requeueAfterMs: 1_500 });
  cluster.advance(1_499);
  expect(controller.reconcile(cluster, 'n1', cluster.now).writes).toEqual([]);
  cluster.advance(1);
  expect(controller.reconcile(cluster, 'n1', cluster.now).writes).not.toEqual([]);
});

test('a lost node is Unknown since when it fell silent, and keeps pods away', () => {
  const cluster = clusterWithPod();
  const silentSince = formatTime(cluster.now.wallMs);
  lose(cluster);
  const lost = cluster.at('nodes', 'n1');
  expect(condition(lost, 'Ready')).toMatchObject({
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: `the node's agent has not been heard of since ${silentSince}`,
    lastTransitionTime: formatTime(cluster.now.wallMs),
  });
  expect(lost.spec.taints).toMatchObject([
    { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' },
    { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded: formatTime(cluster.now.wallMs) },
  ]);
  expect(cluster.events.map(({ reason }) => reason)).toEqual(['NodeNotReady', 'NodeNotReady']);
});

test('pods of a lost node are marked, neither ready nor deleted', () => {
  const cluster = clusterWithPod();
  cluster.create('pods', pod('done', { spec: { nodeName: 'n1' }, status: { phase: 'Succeeded' } }));
  lose(cluster);
  const marked = cluster.at('pods', 'default/web-1');
  expect(marked.status).toMatchObject({ phase: 'Running', reason: 'NodeLost' });
  expect(condition(marked, 'Ready')).toMatchObject({ status: 'False', reason: 'NodeLost' });
  expect(condition(marked, 'berth.dev/Disconnected')).toMatchObject({ status: 'True', reason: 'NodeLost' });
  expect(marked.metadata.deletionTimestamp).toBeUndefined();
  expect(cluster.at('pods', 'default/done').status).toEqual({ phase: 'Succeeded' });
});

test('when the node comes back, a pod keeps its mark until the agent has reported on it', () => {
  const cluster = clusterWithPod();
  const startedAt = formatTime(cluster.now.wallMs);
  lose(cluster);
  cluster.connect('n1');
  cluster.editStatus('nodes', 'n1', { conditions: [{ type: 'Ready', status: 'True', reason: 'AgentReady' }] });
  runTwice(cluster, controller, 'n1');
  expect(cluster.at('nodes', 'n1').spec.taints).toBeUndefined();
  expect(condition(cluster.at('pods', 'default/web-1'), 'berth.dev/Disconnected')).toBeDefined();

  const { status } = cluster.at('pods', 'default/web-1');
  const foreign = (status?.conditions ?? []).filter(({ type }) => type !== 'Ready');
  const reported = readyStatus(startedAt) as { readonly conditions: readonly object[] };
  cluster.editStatus('pods', 'default/web-1', { ...reported, conditions: [...reported.conditions, ...foreign] });
  runTwice(cluster, controller, 'n1');
  const returned = cluster.at('pods', 'default/web-1');
  expect(condition(returned, 'berth.dev/Disconnected')).toBeUndefined();
  expect(condition(returned, 'Ready')).toMatchObject({ status: 'True', lastTransitionTime: startedAt });
  expect(returned.status).not.toHaveProperty('reason');
});

test('a node that is connected but still written down as lost is put right a second later', () => {
  const cluster = clusterWithPod();
  lose(cluster);
  cluster.connect('n1');
  expect(controller.reconcile(cluster, 'n1', cluster.now)).toEqual({ writes: [], requeueAfterMs: 1_000 });
  cluster.advance(1_000);
  runTwice(cluster, controller, 'n1');
  expect(condition(cluster.at('nodes', 'n1'), 'Ready')).toMatchObject({ status: 'True', reason: 'AgentReady' });
  expect(cluster.at('nodes', 'n1').spec.taints).toBeUndefined();
});

test('a new leader gives every node 4 s to report', () => {
  const cluster = clusterWithPod();
  cluster.forgetSession('n1');
  cluster.now = { ...cluster.now, hearingSinceMonotonicMs: cluster.now.monotonicMs };
  expect(controller.reconcile(cluster, 'n1', cluster.now)).toEqual({ writes: [], requeueAfterMs: 4_000 });
  cluster.disconnect('n1');
  cluster.advance(2_500);
  expect(controller.reconcile(cluster, 'n1', cluster.now)).toEqual({ writes: [], requeueAfterMs: 1_500 });
  cluster.advance(1_500);
  runTwice(cluster, controller, 'n1');
  expect(condition(cluster.at('nodes', 'n1'), 'Ready')?.status).toBe('Unknown');
});

test('a node made by hand whose agent never came says so', () => {
  const cluster = new FakeCluster();
  cluster.create('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: {} });
  cluster.advance(60_000);
  runTwice(cluster, controller, 'n1');
  expect(condition(cluster.at('nodes', 'n1'), 'Ready')).toMatchObject({
    status: 'Unknown',
    reason: 'NodeStatusNeverUpdated',
  });
});

test.each([
  { change: 'cordon', spec: { unschedulable: true }, taints: ['node.kubernetes.io/unschedulable:NoSchedule'] },
  {
    change: 'Ready=False',
    conditions: [{ type: 'Ready', status: 'False' }],
    taints: ['node.kubernetes.io/not-ready:NoSchedule', 'node.kubernetes.io/not-ready:NoExecute'],
  },
  {
    change: 'DiskPressure',
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'DiskPressure', status: 'True' },
    ],
    taints: ['node.kubernetes.io/disk-pressure:NoSchedule'],
  },
])('$change taints the node, and its end takes the taint away', ({ spec, conditions, taints }) => {
  const cluster = clusterWithPod();
  const before = cluster.at('nodes', 'n1');
  const own = { key: 'team', value: 'a', effect: 'NoSchedule' };
  cluster.edit('nodes', 'n1', () => ({ spec: { ...spec, taints: [own] } }));
  if (conditions !== undefined) cluster.editStatus('nodes', 'n1', { conditions });
  runTwice(cluster, controller, 'n1');
  const tainted = cluster.at('nodes', 'n1').spec.taints ?? [];
  expect(tainted.map(({ key, effect }) => `${key}:${effect}`)).toEqual(['team:NoSchedule', ...taints]);
  expect(cluster.at('pods', 'default/web-1').metadata.deletionTimestamp).toBeUndefined();

  cluster.edit('nodes', 'n1', () => ({ spec: { taints: tainted } }));
  cluster.editStatus('nodes', 'n1', before.status ?? {});
  runTwice(cluster, controller, 'n1');
  expect(cluster.at('nodes', 'n1').spec.taints).toEqual([own]);
});

test('a NoExecute taint of a user evicts what does not tolerate it, and the rest when its time is up', () => {
  const cluster = clusterWithPod();
  const tolerate = (more: object): object => ({
    nodeName: 'n1',
    tolerations: [{ key: 'maintenance', operator: 'Exists', effect: 'NoExecute', ...more }],
  });
  cluster.create('pods', pod('for-ever', { spec: tolerate({}) }));
  cluster.create('pods', pod('a-while', { spec: tolerate({ tolerationSeconds: 30 }) }));
  cluster.edit('nodes', 'n1', ({ spec }) => ({
    spec: { ...spec, taints: [{ key: 'maintenance', effect: 'NoExecute' }] },
  }));
  const going = (): readonly string[] =>
    namesOf(cluster.all('pods').filter(({ metadata }) => metadata.deletionTimestamp !== undefined));

  const plan = runTwice(cluster, controller, 'n1');
  expect(plan.requeueAfterMs).toBe(30_000);
  expect(going()).toEqual(['web-1']);
  expect(cluster.events).toMatchObject([
    { reason: 'TaintManagerEviction', message: 'Marking for deletion Pod default/web-1' },
  ]);
  cluster.advance(30_000);
  runTwice(cluster, controller, 'n1');
  expect(going()).toEqual(['a-while', 'web-1']);
});

test('removing the taint in time stops the clock', () => {
  const cluster = clusterWithPod();
  const tolerations = [{ key: 'maintenance', operator: 'Exists', tolerationSeconds: 30 }];
  cluster.edit('pods', 'default/web-1', ({ spec }) => ({ spec: { ...spec, tolerations } }));
  cluster.edit('nodes', 'n1', () => ({ spec: { taints: [{ key: 'maintenance', effect: 'NoExecute' }] } }));
  runTwice(cluster, controller, 'n1');
  cluster.edit('nodes', 'n1', () => ({ spec: {} }));
  cluster.advance(60_000);
  expect(runTwice(cluster, controller, 'n1')).toEqual({ writes: [] });
});

test('a pod that limits how long it tolerates an unreachable node is deleted then', () => {
  const cluster = clusterWithPod();
  const tolerations = [
    { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
  ];
  cluster.edit('pods', 'default/web-1', ({ spec }) => ({ spec: { ...spec, tolerations } }));
  lose(cluster);
  expect(cluster.at('pods', 'default/web-1').metadata.deletionTimestamp).toBeUndefined();
  cluster.advance(300_000);
  runTwice(cluster, controller, 'n1');
  expect(cluster.at('pods', 'default/web-1').metadata.deletionTimestamp).toBeDefined();
});
