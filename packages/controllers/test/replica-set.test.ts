import { expect, test } from 'vitest';
import { replicaSetController } from '../src/replica-set/replica-set-controller.ts';
import { FakeCluster, type Loose } from './fake-cluster.ts';
import { condition, makeReady, namesOf, pod, replicaSet, settings } from './fixtures.ts';
import { Loops, runTwice } from './loops.ts';

const controller = replicaSetController(settings);
const key = 'default/web';

function clusterWith(replicas: number, spec: object = {}): { readonly cluster: FakeCluster; readonly loops: Loops } {
  const cluster = new FakeCluster();
  const loops = new Loops(cluster, [controller]);
  cluster.create('replicasets.apps', replicaSet('web', replicas, spec));
  return { cluster, loops };
}

function active(cluster: FakeCluster): readonly Loose[] {
  return cluster.all('pods').filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

test('creates the missing pods from the template, owned and announced', () => {
  const { cluster } = clusterWith(3);
  const plan = controller.reconcile(cluster, key, cluster.now);
  expect(plan.writes.map(({ kind }) => kind)).toEqual(['create', 'create', 'create', 'updateStatus']);
  cluster.apply(plan);

  const pods = cluster.all('pods');
  expect(pods).toHaveLength(3);
  expect(pods[0]).toMatchObject({
    metadata: {
      generateName: 'web-',
      labels: { app: 'web' },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'web', controller: true, blockOwnerDeletion: true }],
    },
    spec: { containers: [{ image: 'web:1' }] },
  });
  expect(cluster.events.map(({ reason, message }) => `${reason} ${message}`)).toEqual(
    namesOf(pods).map((name) => `SuccessfulCreate Created pod: ${name}`),
  );
});

test('status counts pods as they are, and a second look changes nothing', () => {
  const { cluster, loops } = clusterWith(3);
  loops.settle();
  makeReady(cluster, active(cluster)[0]?.metadata.name ?? '');
  loops.settle();
  expect(cluster.at('replicasets.apps', key).status).toEqual({
    replicas: 3,
    fullyLabeledReplicas: 3,
    readyReplicas: 1,
    availableReplicas: 1,
    observedGeneration: 1,
  });
  expect(runTwice(cluster, controller, key).writes).toEqual([]);
});

test('a pod that was deleted or has finished is replaced', () => {
  const { cluster, loops } = clusterWith(2);
  loops.settle();
  const [first, second] = namesOf(active(cluster));
  cluster.delete('pods', `default/${first}`);
  cluster.editStatus('pods', `default/${second}`, { phase: 'Failed' });
  loops.settle();
  const fresh = active(cluster).filter(({ status }) => status?.phase !== 'Failed');
  expect(fresh).toHaveLength(2);
  expect(namesOf(fresh)).not.toContain(first);
});

test('adopts orphans that match and releases pods that no longer do', () => {
  const { cluster, loops } = clusterWith(2);
  cluster.create('pods', pod('stray', { metadata: { labels: { app: 'web' } } }));
  cluster.create('pods', pod('foreign', { metadata: { labels: { app: 'db' } } }));
  loops.settle();
  expect(cluster.at('pods', 'default/stray').metadata.ownerReferences).toMatchObject([{ name: 'web' }]);
  expect(active(cluster)).toHaveLength(3);

  cluster.edit('pods', 'default/stray', ({ metadata }) => ({ metadata: { ...metadata, labels: { app: 'debug' } } }));
  loops.settle();
  expect(cluster.at('pods', 'default/stray').metadata.ownerReferences).toBeUndefined();
  expect(cluster.at('replicasets.apps', key).status?.replicas).toBe(2);
});

test('an orphan that another controller owns, or that is going, is not adopted', () => {
  const { cluster, loops } = clusterWith(0);
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'other', uid: 'other', controller: true };
  cluster.create('pods', pod('owned', { metadata: { labels: { app: 'web' }, ownerReferences: [owner] } }));
  cluster.create(
    'pods',
    pod('going', { metadata: { labels: { app: 'web' }, deletionTimestamp: '2026-01-01T00:00:00Z' } }),
  );
  loops.settle();
  expect(cluster.at('pods', 'default/owned').metadata.ownerReferences).toEqual([owner]);
  expect(cluster.at('pods', 'default/going').metadata.ownerReferences).toBeUndefined();
});

const old = '2023-11-14T00:00:00Z';
const young = '2023-11-14T22:00:00Z';
const running = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: old }] };

test.each<{ readonly why: string; readonly stays: object; readonly goes: object }>([
  { why: 'unassigned', stays: { spec: { nodeName: 'n1' } }, goes: {} },
  {
    why: 'pending',
    stays: { spec: { nodeName: 'n1' }, status: { phase: 'Running' } },
    goes: { spec: { nodeName: 'n2' }, status: { phase: 'Pending' } },
  },
  {
    why: 'not ready',
    stays: { spec: { nodeName: 'n1' }, status: running },
    goes: { spec: { nodeName: 'n2' }, status: { phase: 'Running' } },
  },
  {
    why: 'cheaper to delete',
    stays: { spec: { nodeName: 'n1' }, status: running },
    goes: {
      spec: { nodeName: 'n2' },
      status: running,
      metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-5' } },
    },
  },
  {
    why: 'younger',
    stays: { spec: { nodeName: 'n1' }, status: running, metadata: { creationTimestamp: old } },
    goes: { spec: { nodeName: 'n2' }, status: running, metadata: { creationTimestamp: young } },
  },
])('of two pods the one that is $why goes first', ({ stays, goes }) => {
  for (const names of [
    { goes: 'a', stays: 'b' },
    { goes: 'b', stays: 'a' },
  ]) {
    const { cluster } = clusterWith(1);
    const { uid } = cluster.at('replicasets.apps', key).metadata;
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid, controller: true }];
    for (const [name, given] of [
      [names.stays, stays],
      [names.goes, goes],
    ] as const) {
      const { metadata, ...rest } = given as { readonly metadata?: object };
      cluster.create(
        'pods',
        pod(name, { metadata: { labels: { app: 'web' }, ownerReferences, ...metadata }, ...rest }),
      );
    }
    const deletions = controller.reconcile(cluster, key, cluster.now).writes.filter(({ kind }) => kind === 'delete');
    expect(deletions).toMatchObject([{ key: `default/${names.goes}` }]);
  }
});

test('of ready pods those that share a node go first', () => {
  const { cluster, loops } = clusterWith(4);
  loops.settle();
  const [a, b, c, d] = namesOf(active(cluster)) as [string, string, string, string];
  makeReady(cluster, a, 'n1');
  makeReady(cluster, b, 'n2');
  makeReady(cluster, c, 'n2');
  makeReady(cluster, d, 'n3');
  cluster.edit('replicasets.apps', key, ({ spec }) => ({ spec: { ...spec, replicas: 3 } }));
  loops.settle();
  const left = namesOf(active(cluster));
  expect(left).toHaveLength(3);
  expect(left).toContain(a);
  expect(left).toContain(d);
  expect(cluster.events.at(-1)).toMatchObject({ reason: 'SuccessfulDelete' });
});

test('with minReadySeconds a ready pod becomes available later, and the loop looks again just then', () => {
  const { cluster, loops } = clusterWith(1, { minReadySeconds: 10 });
  loops.settle();
  makeReady(cluster, active(cluster)[0]?.metadata.name ?? '');
  const plan = controller.reconcile(cluster, key, cluster.now);
  expect(plan.requeueAfterMs).toBe(10_000);
  cluster.apply(plan);
  expect(cluster.at('replicasets.apps', key).status).toMatchObject({ readyReplicas: 1, availableReplicas: 0 });
  cluster.advance(10_000);
  runTwice(cluster, controller, key);
  expect(cluster.at('replicasets.apps', key).status?.availableReplicas).toBe(1);
});

test('a refused creation is shown as ReplicaFailure until the count is right again', () => {
  const { cluster, loops } = clusterWith(1);
  const [write] = controller.reconcile(cluster, key, cluster.now).writes;
  if (write === undefined || controller.refused === undefined) throw new Error('a creation was expected');
  const message = 'pods "web-" is forbidden: exceeded quota';
  cluster.apply(controller.refused(cluster, key, cluster.now, { write, reason: 'Forbidden', message }));
  expect(condition(cluster.at('replicasets.apps', key), 'ReplicaFailure')).toMatchObject({
    status: 'True',
    reason: 'FailedCreate',
    message,
  });
  expect(cluster.events).toMatchObject([
    { type: 'Warning', reason: 'FailedCreate', message: `Error creating: ${message}` },
  ]);

  loops.settle();
  expect(condition(cluster.at('replicasets.apps', key), 'ReplicaFailure')).toBeUndefined();
});

test('a ReplicaSet that is being deleted makes and deletes no pods', () => {
  const { cluster, loops } = clusterWith(2);
  cluster.delete('replicasets.apps', key, { propagation: 'Foreground' });
  loops.settle();
  expect(cluster.all('pods')).toEqual([]);
});
