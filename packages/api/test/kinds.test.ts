import { kindOfName, kindOfObject, kindOfPath, kindOfResource, kinds, kindsOfCategory } from '@berth/api';
import { expect, test } from 'vitest';

test('the kinds of issue 2 are served', () => {
  const names = kinds.map(({ apiVersion, kind }) => `${apiVersion}/${kind}`).sort();
  expect(names).toEqual([
    'apps/v1/Deployment',
    'apps/v1/ReplicaSet',
    'coordination.k8s.io/v1/Lease',
    'discovery.k8s.io/v1/EndpointSlice',
    'v1/ConfigMap',
    'v1/Endpoints',
    'v1/Event',
    'v1/Namespace',
    'v1/Node',
    'v1/Pod',
    'v1/Secret',
    'v1/Service',
    'v1/ServiceAccount',
  ]);
});

test.each(['deployments', 'deployment', 'deploy', 'deployments.apps', 'Deployment', 'DEPLOY'])(
  '"%s" means the Deployment',
  (name) => {
    expect(kindOfName(name)?.kind).toBe('Deployment');
  },
);

test('no two kinds answer to one name', () => {
  const names = kinds.flatMap(({ plural, singular, shortNames }) => [...new Set([plural, singular, ...shortNames])]);
  expect(new Set(names).size).toBe(names.length);
});

test('kinds are found by resource, by path and by what an object says of itself', () => {
  for (const kind of kinds) {
    expect(kindOfResource(kind.resource)).toBe(kind);
    expect(kindOfPath(kind.apiVersion, kind.plural)).toBe(kind);
    expect(kindOfObject(kind.apiVersion, kind.kind)).toBe(kind);
  }
  expect(kindOfResource('deployments')).toBeUndefined();
  expect(kindOfObject('v1', 'Deployment')).toBeUndefined();
});

test('`kubectl get all` shows workloads and services', () => {
  expect(kindsOfCategory('all').map(({ plural }) => plural)).toEqual([
    'pods',
    'services',
    'deployments',
    'replicasets',
  ]);
});
