import type { EndpointSlice, Endpoints, Service, Stored } from '@berth/api';
import { beforeEach, expect, test } from 'vitest';
import { endpointMirroringController } from '../src/endpoints/endpoint-mirroring-controller.ts';
import { endpointSliceController } from '../src/endpoints/endpoint-slice-controller.ts';
import { endpointsObjectController } from '../src/endpoints/endpoints-controller.ts';
import { kubernetesServiceController } from '../src/endpoints/kubernetes-service-controller.ts';
import { FakeCluster } from './fake-cluster.ts';
import { makeReady, namesOf, namespace, pod, settings } from './fixtures.ts';
import { Loops, runTwice } from './loops.ts';

const slicesResource = 'endpointslices.discovery.k8s.io';
const kubernetes = kubernetesServiceController(settings);
let cluster: FakeCluster;
let loops: Loops;

beforeEach(() => {
  cluster = new FakeCluster();
  loops = new Loops(cluster, [
    endpointsObjectController,
    endpointMirroringController,
    endpointSliceController,
    kubernetes,
  ]);
});

function service(spec: Partial<Service['spec']>): void {
  const metadata = { name: 'web', namespace: 'default' };
  cluster.create('services', { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 80 }], ...spec } });
}

function handMade(subsets: Endpoints['subsets'], labels: object = {}): void {
  const metadata = { name: 'web', namespace: 'default', labels };
  cluster.create('endpoints', { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets });
}

function endpointsOf(key: string): Stored<Endpoints> | undefined {
  return cluster.get('endpoints', key);
}

function slices(): readonly Stored<EndpointSlice>[] {
  return cluster.list<Stored<EndpointSlice>>(slicesResource);
}

test('Endpoints list ready and unready pods of the selector apart, in the order of their addresses', () => {
  service({ selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] });
  for (const [name, ip] of [
    ['a', '10.244.0.2'],
    ['b', '10.244.0.1'],
    ['c', '10.244.0.3'],
    ['going', '10.244.0.4'],
  ] as const) {
    cluster.create('pods', pod(name, { metadata: { labels: { app: 'web' } } }));
    makeReady(cluster, name);
    cluster.editStatus('pods', `default/${name}`, { podIP: ip });
  }
  cluster.editStatus('pods', 'default/c', { conditions: [] });
  cluster.delete('pods', 'default/going');
  loops.settle();
  const found = endpointsOf('default/web');
  expect(found?.metadata.labels).toEqual({ 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' });
  expect(found?.subsets).toMatchObject([
    {
      addresses: [{ ip: '10.244.0.1', targetRef: { name: 'b' } }, { ip: '10.244.0.2' }],
      notReadyAddresses: [{ ip: '10.244.0.3', nodeName: 'n1' }],
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    },
  ]);
  expect(runTwice(cluster, endpointsObjectController, 'default/web').writes).toEqual([]);
  // What follows from a selector has its slices already: it is not mirrored a second time.
  expect(slices().map(({ metadata }) => metadata.labels?.['endpointslice.kubernetes.io/managed-by'])).toEqual([
    'endpointslice-controller.k8s.io',
  ]);
});

test('managed Endpoints go with their service, hand-made ones stay', () => {
  service({ selector: { app: 'web' } });
  handMade([], { 'made-by': 'hand' });
  cluster.delete('endpoints', 'default/web');
  loops.settle();
  cluster.delete('services', 'default/web');
  loops.settle();
  expect(endpointsOf('default/web')).toBeUndefined();
  handMade([{ addresses: [{ ip: '192.0.2.1' }] }]);
  loops.settle();
  expect(endpointsOf('default/web')).toBeDefined();
});

test('hand-made Endpoints of a service without selector are mirrored, changed and removed', () => {
  service({});
  handMade(
    [
      {
        addresses: [{ ip: '192.0.2.1' }],
        notReadyAddresses: [{ ip: '192.0.2.2' }],
        ports: [{ name: 'http', port: 80 }],
      },
    ],
    {
      team: 'a',
    },
  );
  loops.settle();
  expect(slices()).toMatchObject([
    {
      metadata: {
        labels: {
          team: 'a',
          'kubernetes.io/service-name': 'web',
          'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
        },
        ownerReferences: [{ kind: 'Endpoints', name: 'web' }],
      },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
      endpoints: [
        { addresses: ['192.0.2.1'], conditions: { ready: true } },
        { addresses: ['192.0.2.2'], conditions: { ready: false } },
      ],
    },
  ]);
  const before = namesOf(cluster.all(slicesResource));
  cluster.edit('endpoints', 'default/web', () => ({
    subsets: [{ addresses: [{ ip: '192.0.2.3' }], ports: [{ port: 81 }] }],
  }));
  loops.settle();
  expect(namesOf(cluster.all(slicesResource))).toEqual(before);
  expect(slices()).toMatchObject([{ ports: [{ port: 81 }], endpoints: [{ addresses: ['192.0.2.3'] }] }]);
  cluster.delete('endpoints', 'default/web');
  loops.settle();
  expect(slices()).toEqual([]);
});

test.each([
  { why: 'they ask not to be', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' }, selector: undefined },
  { why: 'the service has a selector', labels: {}, selector: { app: 'web' } },
])('Endpoints are not mirrored when $why', ({ labels, selector }) => {
  service(selector === undefined ? {} : { selector });
  handMade([{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }], labels);
  runTwice(cluster, endpointMirroringController, 'default/web');
  expect(slices()).toEqual([]);
});

test('addresses of both families are mirrored into slices of their own', () => {
  service({});
  handMade([{ addresses: [{ ip: '192.0.2.1' }, { ip: '2001:db8::1' }], ports: [{ port: 80 }] }]);
  loops.settle();
  expect(
    slices()
      .map(({ addressType }) => addressType)
      .sort(),
  ).toEqual(['IPv4', 'IPv6']);
});

test('the service kubernetes leads to every server that pods can reach', () => {
  cluster.servers = [
    { ip: '192.0.2.11', port: 6443 },
    { ip: '192.0.2.10', port: 6443 },
    { ip: '127.0.0.1', port: 6443 },
  ];
  cluster.create('namespaces', namespace('default'));
  loops.settle();
  expect(cluster.at('services', 'default/kubernetes')).toMatchObject({
    metadata: { labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443 }] },
  });
  expect(endpointsOf('default/kubernetes')?.subsets).toEqual([
    {
      addresses: [{ ip: '192.0.2.10' }, { ip: '192.0.2.11' }],
      ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
    },
  ]);
  expect(slices().map(({ metadata, endpoints = [] }) => [metadata.name, endpoints.length])).toEqual([
    ['kubernetes', 2],
  ]);
});

test('servers on different ports have a slice each, and one that leaves is taken out', () => {
  cluster.create('namespaces', namespace('default'));
  cluster.servers = [
    { ip: '192.0.2.10', port: 6443 },
    { ip: '192.0.2.10', port: 7443 },
  ];
  loops.settle();
  expect(namesOf(cluster.all(slicesResource))).toEqual(['kubernetes', 'kubernetes-7443']);
  cluster.servers = [{ ip: '192.0.2.10', port: 6443 }];
  const plan = runTwice(cluster, kubernetes, 'default/kubernetes');
  expect(plan.requeueAfterMs).toBe(10_000);
  expect(namesOf(cluster.all(slicesResource))).toEqual(['kubernetes']);
  expect(endpointsOf('default/kubernetes')?.subsets).toHaveLength(1);
});

test('somebody who edits the endpoints of the servers is corrected', () => {
  cluster.create('namespaces', namespace('default'));
  cluster.servers = [{ ip: '192.0.2.10', port: 6443 }];
  loops.settle();
  cluster.edit('endpoints', 'default/kubernetes', () => ({ subsets: [] }));
  loops.settle();
  expect(endpointsOf('default/kubernetes')?.subsets).toMatchObject([{ addresses: [{ ip: '192.0.2.10' }] }]);
});
