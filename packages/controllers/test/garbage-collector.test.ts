import { beforeEach, expect, test } from 'vitest';
import { garbageCollector } from '../src/garbage-collector/garbage-collector.ts';
import { FakeCluster, type Loose } from './fake-cluster.ts';
import { namesOf, settings } from './fixtures.ts';
import { Loops } from './loops.ts';

const controller = garbageCollector(settings);
let cluster: FakeCluster;
let loops: Loops;

beforeEach(() => {
  cluster = new FakeCluster();
  loops = new Loops(cluster, [controller]);
});

interface Ownership {
  readonly name: string;
  readonly block?: boolean;
}

/** ConfigMaps named a, b, c … that own each other; the loop does not care for kinds. */
function configMap(name: string, owners: readonly Ownership[] = [], metadata: object = {}): Loose {
  const ownerReferences = owners.map((owner) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: owner.name,
    uid: `uid-of-${owner.name}`,
    ...(owner.block === undefined ? {} : { blockOwnerDeletion: owner.block }),
  }));
  return cluster.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-of-${name}`,
      ...(ownerReferences.length === 0 ? {} : { ownerReferences }),
      ...metadata,
    },
  });
}

function left(): readonly string[] {
  return namesOf(cluster.all('configmaps'));
}

function remove(name: string, propagation?: 'Orphan' | 'Background' | 'Foreground'): void {
  cluster.delete('configmaps', `default/${name}`, propagation === undefined ? {} : { propagation });
  loops.settle();
}

test('what is owned by nobody, or by somebody alive, stays', () => {
  configMap('a');
  configMap('b', [{ name: 'a' }]);
  loops.settle();
  expect(left()).toEqual(['a', 'b']);
});

test('in the background the owner goes at once and its dependents follow, down the whole tree', () => {
  configMap('a');
  configMap('b', [{ name: 'a' }]);
  configMap('c', [{ name: 'b' }]);
  remove('a', 'Background');
  expect(left()).toEqual([]);
});

test('in the foreground the owner waits for the dependents that block it', () => {
  configMap('a');
  configMap('b', [{ name: 'a', block: true }], { finalizers: ['example.com/hold'] });
  remove('a', 'Foreground');
  expect(cluster.at('configmaps', 'default/a').metadata.finalizers).toEqual(['foregroundDeletion']);
  expect(cluster.at('configmaps', 'default/b').metadata.deletionTimestamp).toBeDefined();
  cluster.edit('configmaps', 'default/b', ({ metadata: { finalizers: _gone, ...metadata } }) => ({ metadata }));
  loops.settle();
  expect(left()).toEqual([]);
});

test('in the foreground the whole tree goes from its leaves', () => {
  configMap('a');
  configMap('b', [{ name: 'a', block: true }]);
  configMap('c', [{ name: 'b', block: true }]);
  remove('a', 'Foreground');
  expect(left()).toEqual([]);
});

test('a dependent that does not block lets its owner go first', () => {
  configMap('a');
  configMap('b', [{ name: 'a', block: false }], { finalizers: ['example.com/hold'] });
  remove('a', 'Foreground');
  expect(left()).toEqual(['b']);
});

test('orphans lose the reference and stay', () => {
  configMap('a');
  configMap('b', [{ name: 'a' }]);
  configMap('c', [{ name: 'a' }]);
  remove('a', 'Orphan');
  expect(left()).toEqual(['b', 'c']);
  expect(cluster.at('configmaps', 'default/b').metadata.ownerReferences).toBeUndefined();
});

test('with two owners the dependent stays as long as one lives, and forgets the other', () => {
  configMap('a');
  configMap('b');
  configMap('c', [{ name: 'a' }, { name: 'b' }]);
  remove('a');
  expect(cluster.at('configmaps', 'default/c').metadata.ownerReferences?.map(({ name }) => name)).toEqual(['b']);
  remove('b');
  expect(left()).toEqual([]);
});

test('with two owners, one waiting in the foreground, the dependent is set free from that one', () => {
  configMap('a');
  configMap('b');
  configMap('c', [{ name: 'a', block: true }, { name: 'b' }]);
  remove('a', 'Foreground');
  expect(left()).toEqual(['b', 'c']);
  expect(cluster.at('configmaps', 'default/c').metadata.ownerReferences?.map(({ name }) => name)).toEqual(['b']);
});

test.each(['Background', 'Foreground'] as const)(
  'a circle of owners does not block its deletion (%s)',
  (propagation) => {
    configMap('a', [{ name: 'c', block: true }]);
    configMap('b', [{ name: 'a', block: true }]);
    configMap('c', [{ name: 'b', block: true }]);
    remove('a', propagation);
    expect(left()).toEqual([]);
  },
);

test('an owner of the same name but another uid is not the owner', () => {
  configMap('a');
  configMap('b', [{ name: 'a' }]);
  loops.settle();
  cluster.delete('configmaps', 'default/a');
  cluster.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } });
  loops.settle();
  expect(left()).toEqual(['a']);
});

test('a reference added later to an owner that is gone is noticed', () => {
  configMap('b');
  loops.settle();
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'never', uid: 'never' }];
  cluster.edit('configmaps', 'default/b', ({ metadata }) => ({ metadata: { ...metadata, ownerReferences } }));
  loops.settle();
  expect(left()).toEqual([]);
});

test('an owner of a kind that is not served here keeps its dependents: nothing is deleted on ignorance', () => {
  const ownerReferences = [{ apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', uid: 'w' }];
  configMap('b', [], { ownerReferences });
  loops.settle();
  expect(left()).toEqual(['b']);
});

test('a cluster-scoped object cannot have an owner in a namespace, and is not deleted for naming one', () => {
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'uid-of-a' }];
  cluster.create('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', ownerReferences }, spec: {} });
  loops.settle();
  expect(namesOf(cluster.all('nodes'))).toEqual(['n1']);
});

test('an owner of another version of its kind is the same owner', () => {
  const set = cluster.create('replicasets.apps', {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web', namespace: 'default' },
    spec: {},
  });
  const ownerReferences = [{ apiVersion: 'apps/v1beta2', kind: 'ReplicaSet', name: 'web', uid: set.metadata.uid }];
  configMap('b', [], { ownerReferences });
  loops.settle();
  expect(left()).toEqual(['b']);
});
