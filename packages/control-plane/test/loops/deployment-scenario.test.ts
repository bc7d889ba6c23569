import { expect, test } from 'vitest';
import type { StoredObject } from '../../src/registry/registry.ts';
import { admin, LoopCluster, node, webDeployment } from './loop-cluster.ts';

function images(cluster: LoopCluster): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { spec } of cluster.pods) {
    const image = spec.containers[0]?.image ?? '';
    counts[image] = (counts[image] ?? 0) + 1;
  }
  return counts;
}

function revisions(cluster: LoopCluster): readonly (string | undefined)[] {
  return cluster.replicaSets.map(({ metadata }) => metadata.annotations?.['deployment.kubernetes.io/revision']).sort();
}

test('the life of a Deployment: 6 pods, 12, a new image, undo, delete', async () => {
  await using cluster = new LoopCluster();
  cluster.start();
  await cluster.settle();
  await cluster.create('nodes', undefined, node('n1'));
  cluster.sessions.set('n1', true);

  await cluster.create('deployments.apps', 'default', webDeployment(6));
  await cluster.settle();
  expect(cluster.pods).toHaveLength(6);
  expect(cluster.deployment?.status).toMatchObject({
    observedGeneration: 1,
    updatedReplicas: 6,
    unavailableReplicas: 6,
  });
  await cluster.completeRollout();
  expect(cluster.deployment?.status).toMatchObject({ replicas: 6, readyReplicas: 6, availableReplicas: 6 });
  expect(cluster.deployment?.status?.conditions).toMatchObject([
    { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
    { type: 'Available', status: 'True' },
  ]);

  await cluster.changeDeployment((spec) => ({ ...spec, replicas: 12 }));
  await cluster.completeRollout();
  expect(cluster.readyPods).toHaveLength(12);

  await cluster.setImage('web:2');
  await cluster.settle();
  expect(images(cluster)).toEqual({ 'web:1': 9, 'web:2': 6 });
  await cluster.completeRollout();
  expect(images(cluster)).toEqual({ 'web:2': 12 });
  expect(revisions(cluster)).toEqual(['1', '2']);

  await cluster.setImage('web:1');
  await cluster.completeRollout();
  expect(images(cluster)).toEqual({ 'web:1': 12 });
  expect(revisions(cluster)).toEqual(['2', '3']);
  expect(cluster.replicaSets).toHaveLength(2);

  const ref = { resource: 'deployments.apps', namespace: 'default', name: 'web' };
  await cluster.registry.delete(ref, { propagation: 'Background' }, admin);
  await cluster.completeRollout();
  expect(cluster.replicaSets).toEqual([]);
  expect(cluster.cache.list('pods')).toEqual([]);
});

test('deleting in the foreground leaves the Deployment until its last pod has ended', async () => {
  await using cluster = new LoopCluster();
  cluster.start();
  await cluster.settle();
  await cluster.create('nodes', undefined, node('n1'));
  cluster.sessions.set('n1', true);
  await cluster.create('deployments.apps', 'default', webDeployment(2));
  await cluster.completeRollout();
  const ref = { resource: 'deployments.apps', namespace: 'default', name: 'web' };
  await cluster.registry.delete(ref, { propagation: 'Foreground' }, admin);
  await cluster.settle();
  expect(cluster.pods).toEqual([]);
  expect(cluster.deployment?.metadata.deletionTimestamp).toBeDefined();
  await cluster.completeRollout();
  expect(cluster.deployment).toBeUndefined();
  expect(cluster.replicaSets).toEqual([]);
});

test('an empty cluster has its namespaces, accounts, certificates and the service kubernetes', async () => {
  await using cluster = new LoopCluster();
  cluster.start();
  await cluster.settle();
  const { cache } = cluster;
  for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system']) {
    expect(cache.get('namespaces', name)).toBeDefined();
    expect(cache.get('serviceaccounts', `${name}/default`)).toBeDefined();
    expect(cache.get('configmaps', `${name}/kube-root-ca.crt`)).toBeDefined();
  }
  expect(cache.get('services', 'default/kubernetes')).toMatchObject({ spec: { clusterIP: '10.96.0.1' } });
  expect(cache.get('endpoints', 'default/kubernetes')).toMatchObject({
    subsets: [{ addresses: [{ ip: '192.0.2.10' }] }],
  });
  expect(cache.get('endpointslices.discovery.k8s.io', 'default/kubernetes')).toBeDefined();
});

test('a service follows its pods', async () => {
  await using cluster = new LoopCluster();
  cluster.start();
  await cluster.settle();
  await cluster.create('nodes', undefined, node('n1'));
  cluster.sessions.set('n1', true);
  await cluster.create('services', 'default', {
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
  });
  await cluster.create('deployments.apps', 'default', webDeployment(3));
  await cluster.completeRollout();
  const slices = (): readonly StoredObject[] =>
    cluster.cache
      .list<StoredObject>('endpointslices.discovery.k8s.io', 'default')
      .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'web');
  expect(slices()).toMatchObject([{ ports: [{ port: 8080 }] }]);
  expect(slices()[0]?.['endpoints']).toHaveLength(3);
  expect(cluster.cache.get('endpoints', 'default/web')).toMatchObject({ subsets: [{ ports: [{ port: 8080 }] }] });
});

test('a new leader finds nothing to change in a cluster at rest', async () => {
  await using cluster = new LoopCluster();
  cluster.start();
  await cluster.settle();
  await cluster.create('nodes', undefined, node('n1'));
  cluster.sessions.set('n1', true);
  for (const [name, spec] of [
    ['web', {}],
    ['headless', { clusterIP: 'None', publishNotReadyAddresses: true }],
    ['named', { ports: [{ name: 'a', port: 80, targetPort: 'nobody-has-it' }] }],
    ['empty', { selector: { app: 'nobody' } }],
  ] as const)
    await cluster.create('services', 'default', {
      metadata: { name },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }], ...spec },
    });
  await cluster.create('endpoints', 'default', {
    metadata: { name: 'by-hand' },
    subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }],
  });
  await cluster.create('services', 'default', { metadata: { name: 'by-hand' }, spec: { ports: [{ port: 80 }] } });
  await cluster.create(
    'deployments.apps',
    'default',
    webDeployment(3, { minReadySeconds: 5, strategy: { type: 'Recreate' } }),
  );
  await cluster.completeRollout();
  await cluster.setImage('web:2');
  await cluster.completeRollout();
  await cluster.world.pass(10_000);

  const before = cluster.memory.status().revision;
  await cluster.stop();
  cluster.start();
  await cluster.world.pass(60_000);
  expect(cluster.memory.status().revision).toBe(before);
});

test('a namespace with everything in it is deleted and leaves nothing', async () => {
  await using cluster = new LoopCluster();
  cluster.start();
  await cluster.settle();
  await cluster.create('namespaces', undefined, { metadata: { name: 'team' } });
  await cluster.create('deployments.apps', 'team', webDeployment(3));
  await cluster.create('services', 'team', {
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  await cluster.settle();
  expect(cluster.cache.list('pods', 'team')).toHaveLength(3);
  await cluster.registry.delete({ resource: 'namespaces', name: 'team' }, {}, admin);
  await cluster.settle();
  expect(cluster.cache.get('namespaces', 'team')).toBeUndefined();
  for (const resource of cluster.cache.resources()) expect(cluster.cache.list(resource, 'team')).toEqual([]);
});
