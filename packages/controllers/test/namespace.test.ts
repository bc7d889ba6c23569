import type { ConfigMap, Stored } from '@berth/api';
import { beforeEach, expect, test } from 'vitest';
import { namespaceController } from '../src/namespace/namespace-controller.ts';
import { rootCaController, serviceAccountController } from '../src/namespace/namespace-furniture.ts';
import { systemNamespacesController } from '../src/namespace/system-namespaces.ts';
import { FakeCluster } from './fake-cluster.ts';
import { condition, namesOf, namespace, pod, settings } from './fixtures.ts';
import { Loops, runTwice } from './loops.ts';

const controller = namespaceController(settings);
const rootCa = rootCaController(settings);
let cluster: FakeCluster;
let loops: Loops;

beforeEach(() => {
  cluster = new FakeCluster();
  loops = new Loops(cluster, [controller, serviceAccountController, rootCa, systemNamespacesController]);
  cluster.create('namespaces', namespace('team'));
  loops.settle();
});

function configMap(name: string, metadata: object = {}): void {
  cluster.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'team', ...metadata },
  });
}

function runningPod(name: string): void {
  cluster.create('pods', pod(name, { metadata: { namespace: 'team' }, spec: { nodeName: 'n1' } }));
}

test('the namespaces that every client expects are there from the start', () => {
  expect(namesOf(cluster.all('namespaces'))).toEqual([
    'default',
    'kube-node-lease',
    'kube-public',
    'kube-system',
    'team',
  ]);
});

test('each namespace has a service account and the root certificate', () => {
  expect(cluster.at('serviceaccounts', 'team/default')).toBeDefined();
  expect(cluster.get<Stored<ConfigMap>>('configmaps', 'team/kube-root-ca.crt')?.data).toEqual({
    'ca.crt': settings.rootCaPem,
  });
});

test('both are made again when deleted, and the certificate is repaired when changed', () => {
  cluster.delete('serviceaccounts', 'team/default');
  cluster.delete('configmaps', 'team/kube-root-ca.crt');
  loops.settle();
  expect(cluster.at('serviceaccounts', 'team/default')).toBeDefined();
  cluster.edit('configmaps', 'team/kube-root-ca.crt', () => ({ data: { 'ca.crt': 'forged', more: 'x' } }));
  loops.settle();
  expect(cluster.get<Stored<ConfigMap>>('configmaps', 'team/kube-root-ca.crt')?.data).toEqual({
    'ca.crt': settings.rootCaPem,
  });
  expect(runTwice(cluster, rootCa, 'team').writes).toEqual([]);
});

test('deleting a namespace leaves nothing of it', () => {
  configMap('one');
  cluster.create('events', { apiVersion: 'v1', kind: 'Event', metadata: { name: 'happened', namespace: 'team' } });
  cluster.delete('namespaces', 'team');
  loops.settle();
  expect(cluster.get('namespaces', 'team')).toBeUndefined();
  for (const { resource } of settings.kinds) {
    expect(cluster.all(resource).filter(({ metadata }) => metadata.namespace === 'team')).toEqual([]);
  }
});

test('pods go first: nothing else is deleted while one is left', () => {
  configMap('needed-by-the-pod');
  runningPod('web');
  cluster.delete('namespaces', 'team');
  loops.settle();
  expect(cluster.at('pods', 'team/web').metadata.deletionTimestamp).toBeDefined();
  expect(cluster.at('configmaps', 'team/needed-by-the-pod').metadata.deletionTimestamp).toBeUndefined();
  const waiting = cluster.at('namespaces', 'team');
  expect(waiting.status?.phase).toBe('Terminating');
  expect(condition(waiting, 'NamespaceContentRemaining')).toMatchObject({
    status: 'True',
    reason: 'SomeResourcesRemain',
    message: expect.stringContaining('pods has 1 resource instances'),
  });

  cluster.finishDeletion('team/web');
  loops.settle();
  expect(cluster.get('namespaces', 'team')).toBeUndefined();
});

test('an object with a finalizer holds its namespace, which says so', () => {
  configMap('held', { finalizers: ['example.com/hold'] });
  cluster.delete('namespaces', 'team');
  loops.settle();
  expect(condition(cluster.at('namespaces', 'team'), 'NamespaceFinalizersRemaining')).toMatchObject({
    status: 'True',
    reason: 'SomeFinalizersRemain',
    message: 'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
  });
  expect(runTwice(cluster, controller, 'team').writes).toEqual([]);
  cluster.edit('configmaps', 'team/held', ({ metadata: { finalizers: _gone, ...metadata } }) => ({ metadata }));
  loops.settle();
  expect(cluster.get('namespaces', 'team')).toBeUndefined();
});

test('in a namespace that is being deleted nothing is made again', () => {
  runningPod('web');
  cluster.delete('namespaces', 'team');
  loops.settle();
  cluster.delete('serviceaccounts', 'team/default');
  loops.settle();
  expect(cluster.get('serviceaccounts', 'team/default')).toBeUndefined();
});

test('finalizers of others in the namespace itself are left to them', () => {
  cluster.edit('namespaces', 'team', () => ({ spec: { finalizers: ['kubernetes', 'example.com/last'] } }));
  cluster.delete('namespaces', 'team');
  loops.settle();
  expect(cluster.at('namespaces', 'team').spec.finalizers).toEqual(['example.com/last']);
  expect(runTwice(cluster, controller, 'team').writes).toEqual([]);
});

test('a large namespace is emptied in bounded steps', () => {
  for (let at = 0; at < 1_200; at += 1) configMap(`c${at}`);
  cluster.delete('namespaces', 'team');
  const plan = controller.reconcile(cluster, 'team', cluster.now);
  expect(plan.writes.filter(({ kind }) => kind === 'delete')).toHaveLength(500);
  loops.settle();
  expect(cluster.get('namespaces', 'team')).toBeUndefined();
});
