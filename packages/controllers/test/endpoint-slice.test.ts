import type { Endpoint, EndpointSlice, Service, Stored } from '@berth/api';
import { beforeEach, expect, test } from 'vitest';
import { endpointSliceController } from '../src/endpoints/endpoint-slice-controller.ts';
import { FakeCluster } from './fake-cluster.ts';
import { makeReady, namesOf, node, pod } from './fixtures.ts';
import { Loops, runTwice } from './loops.ts';

const resource = 'endpointslices.discovery.k8s.io';
let cluster: FakeCluster;
let loops: Loops;

beforeEach(() => {
  cluster = new FakeCluster();
  loops = new Loops(cluster, [endpointSliceController]);
  cluster.create('nodes', node('n1', { metadata: { labels: { 'topology.kubernetes.io/zone': 'dc1' } } }));
});

function service(spec: Partial<Service['spec']> = {}): void {
  cluster.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default', labels: { team: 'a' } },
    spec: {
      clusterIP: '10.96.0.10',
      selector: { app: 'web' },
      ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }],
      ...spec,
    },
  });
}

function webPod(name: string, spec: object = {}, ip = '10.244.0.9'): void {
  cluster.create('pods', pod(name, { metadata: { labels: { app: 'web' } }, spec: { nodeName: 'n1', ...spec } }));
  cluster.editStatus('pods', `default/${name}`, { phase: 'Running', podIP: ip });
}

function slices(): readonly Stored<EndpointSlice>[] {
  return cluster.list<Stored<EndpointSlice>>(resource);
}

function endpoints(): readonly Endpoint[] {
  return slices().flatMap((slice) => slice.endpoints ?? []);
}

test('an endpoint tells where its pod is and how it is', () => {
  service();
  webPod('web-1');
  makeReady(cluster, 'web-1');
  loops.settle();
  expect(slices()).toMatchObject([
    {
      metadata: {
        generateName: 'web-',
        labels: {
          team: 'a',
          'kubernetes.io/service-name': 'web',
          'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        },
        ownerReferences: [{ kind: 'Service', name: 'web', controller: true }],
      },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      endpoints: [
        {
          addresses: ['10.244.0.9'],
          conditions: { ready: true, serving: true, terminating: false },
          targetRef: { kind: 'Pod', namespace: 'default', name: 'web-1' },
          nodeName: 'n1',
          zone: 'dc1',
        },
      ],
    },
  ]);
  expect(runTwice(cluster, endpointSliceController, 'default/web').writes).toEqual([]);
});

test('a service without pods has one empty slice, which the first pod fills', () => {
  service();
  loops.settle();
  expect(slices()).toMatchObject([{ endpoints: [], ports: [] }]);
  const [empty] = namesOf(cluster.all(resource));
  webPod('web-1');
  loops.settle();
  expect(namesOf(cluster.all(resource))).toEqual([empty]);
  expect(slices()[0]).toMatchObject({ ports: [{ port: 8080 }], endpoints: [{ addresses: ['10.244.0.9'] }] });
});

test.each([
  { state: 'not ready', conditions: { ready: false, serving: false, terminating: false } },
  { state: 'not ready', published: true, conditions: { ready: true, serving: false, terminating: false } },
  { state: 'ready', conditions: { ready: true, serving: true, terminating: false } },
  { state: 'going but ready', conditions: { ready: false, serving: true, terminating: true } },
])(
  'a pod that is $state (publishNotReadyAddresses: $published) has $conditions',
  ({ state, published, conditions }) => {
    service({ publishNotReadyAddresses: published ?? false });
    webPod('web-1');
    if (state !== 'not ready') makeReady(cluster, 'web-1');
    if (state === 'going but ready') cluster.delete('pods', 'default/web-1');
    loops.settle();
    expect(endpoints().map((endpoint) => endpoint.conditions)).toEqual([conditions]);
  },
);

test('finished pods, pods without an address and pods of other labels are no endpoints', () => {
  service();
  webPod('done');
  cluster.editStatus('pods', 'default/done', { phase: 'Succeeded' });
  cluster.create('pods', pod('new', { metadata: { labels: { app: 'web' } }, spec: { nodeName: 'n1' } }));
  cluster.create(
    'pods',
    pod('other', { metadata: { labels: { app: 'db' } }, spec: { nodeName: 'n1' }, status: { podIP: '10.244.0.7' } }),
  );
  loops.settle();
  expect(endpoints()).toEqual([]);
});

test('a pod that loses the label leaves at once', () => {
  service();
  webPod('web-1');
  loops.settle();
  cluster.edit('pods', 'default/web-1', ({ metadata }) => ({ metadata: { ...metadata, labels: { app: 'debug' } } }));
  loops.settle();
  expect(endpoints()).toEqual([]);
});

test('a named target port is looked up in each pod, and pods that differ are in different slices', () => {
  service({ ports: [{ name: 'http', port: 80, targetPort: 'web', protocol: 'TCP' }] });
  const named = (containerPort: number): object => ({
    containers: [{ name: 'web', image: 'web:1', ports: [{ name: 'web', containerPort }] }],
  });
  webPod('old', named(8080), '10.244.0.1');
  webPod('new', named(9090), '10.244.0.2');
  webPod('without', {}, '10.244.0.3');
  loops.settle();
  const found = slices().map(
    ({ ports, endpoints: held = [] }) => [ports?.[0]?.port, held.map(({ addresses }) => addresses[0] ?? '')] as const,
  );
  expect(found.toSorted(([, [left = '']], [, [right = '']]) => (left < right ? -1 : 1))).toEqual([
    [8080, ['10.244.0.1']],
    [9090, ['10.244.0.2']],
    [undefined, ['10.244.0.3']],
  ]);
});

test('changing the port rewrites the slice in place: there is never a moment without endpoints', () => {
  service();
  webPod('web-1');
  loops.settle();
  const before = namesOf(cluster.all(resource));
  cluster.edit('services', 'default/web', ({ spec }) => ({
    spec: { ...spec, ports: [{ name: 'http', port: 80, targetPort: 9090, protocol: 'TCP' }] },
  }));
  const plan = runTwice(cluster, endpointSliceController, 'default/web');
  expect(plan.writes.map(({ kind }) => kind)).toEqual(['update']);
  expect(namesOf(cluster.all(resource))).toEqual(before);
  expect(slices()[0]?.ports).toMatchObject([{ port: 9090 }]);
});

test('a slice holds at most 100 endpoints, and one change touches one slice', () => {
  service();
  for (let at = 0; at < 250; at += 1) webPod(`web-${at}`, {}, `10.244.${Math.floor(at / 200)}.${(at % 200) + 1}`);
  loops.settle();
  expect(endpoints()).toHaveLength(250);
  for (const { endpoints: held = [] } of slices()) expect(held.length).toBeLessThanOrEqual(100);

  cluster.finishDeletion('default/web-7');
  const leaving = runTwice(cluster, endpointSliceController, 'default/web');
  expect(leaving.writes.map(({ kind }) => kind)).toEqual(['update']);
  webPod('web-7b', {}, '10.244.9.9');
  const coming = runTwice(cluster, endpointSliceController, 'default/web');
  expect(coming.writes.map(({ kind }) => kind)).toEqual(['update']);
  expect(slices().length).toBeLessThanOrEqual(4);
});

test('pods of a headless service keep the names they ask for', () => {
  service({ clusterIP: 'None' });
  webPod('web-1', { hostname: 'first', subdomain: 'web' });
  loops.settle();
  expect(endpoints()).toMatchObject([{ hostname: 'first' }]);
  expect(slices()[0]?.metadata.labels).toHaveProperty('service.kubernetes.io/headless', '');
});

test('a service that becomes an ExternalName loses its slices', () => {
  service();
  webPod('web-1');
  loops.settle();
  cluster.edit('services', 'default/web', () => ({ spec: { type: 'ExternalName', externalName: 'example.com' } }));
  loops.settle();
  expect(slices()).toEqual([]);
});

test('slices made by hand are left alone', () => {
  service();
  const labels = { 'kubernetes.io/service-name': 'web' };
  cluster.create(resource, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'mine', namespace: 'default', labels },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['192.0.2.1'] }],
    ports: [],
  });
  loops.settle();
  expect(endpoints().map(({ addresses }) => addresses)).toContainEqual(['192.0.2.1']);
});
