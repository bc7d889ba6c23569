import {
  type ApiObject,
  configMap,
  deployment,
  endpointSlice,
  faultText,
  type Kind,
  namespace,
  node,
  secret,
  service,
  validateStatusUpdate,
} from '@berth/api';
import { expect, test } from 'vitest';
import { madeObject, updated } from './made-object.ts';
import { metadata, ports, template, workload } from './sample-specs.ts';

function stored<T extends ApiObject>(kind: Kind<T>, body: object): T {
  const object = madeObject(kind, body);
  return { ...object, metadata: { ...object.metadata, uid: 'u', creationTimestamp: '2024-01-01T00:00:00Z' } };
}

test.each<[string, Kind, object, object, string]>([
  [
    'selector of a deployment',
    deployment,
    { metadata, spec: workload },
    {
      metadata,
      spec: {
        selector: { matchLabels: { tier: 'x' } },
        template: { ...template, metadata: { labels: { tier: 'x' } } },
      },
    },
    'spec.selector: Invalid value: {"matchLabels":{"tier":"x"}}: field is immutable',
  ],
  [
    'address of a service',
    service,
    { metadata, spec: { ports, clusterIP: '10.96.0.1' } },
    { metadata, spec: { ports, clusterIP: '10.96.0.2' } },
    'spec.clusterIPs[0]: Invalid value: ["10.96.0.2"]: may not change once set',
  ],
  [
    'type of a secret',
    secret,
    { metadata },
    { metadata, type: 'other' },
    'type: Invalid value: "other": field is immutable',
  ],
  [
    'data of an immutable config map',
    configMap,
    { metadata, data: { a: '1' }, immutable: true },
    { metadata, data: { a: '2' }, immutable: true },
    'data: Forbidden: field is immutable when `immutable` is set',
  ],
  [
    'immutability itself',
    configMap,
    { metadata, immutable: true },
    { metadata },
    'immutable: Forbidden: field is immutable when `immutable` is set',
  ],
  [
    'address type of a slice',
    endpointSlice,
    { metadata, addressType: 'IPv4' },
    { metadata, addressType: 'IPv6' },
    'addressType: Invalid value: "IPv6": field is immutable',
  ],
  [
    'pod range of a node',
    node,
    { metadata: { name: 'n' }, spec: { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] } },
    { metadata: { name: 'n' }, spec: { podCIDR: '10.0.1.0/24', podCIDRs: ['10.0.1.0/24'] } },
    'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
  ],
])('the %s cannot be changed', (_title, kind, before, after, fault) => {
  const { faults } = updated(kind, stored(kind, before), after);
  expect(faults).toEqual([expect.stringContaining(fault)]);
});

test('a new template raises the generation of a deployment, its status does not', () => {
  const old = stored(deployment, { metadata, spec: workload });
  const scaled = updated(deployment, old, { metadata, spec: { ...workload, replicas: 3 }, status: { replicas: 9 } });
  expect(scaled.object.metadata.generation).toBe(2);
  expect(scaled.object).toHaveProperty('status', {});
  expect(updated(deployment, old, { metadata, spec: workload }).object.metadata.generation).toBe(1);
});

test('an update of a service may leave out what was allocated', () => {
  const spec = { type: 'NodePort', clusterIP: '10.96.0.1', ports: [{ port: 80, nodePort: 30_080 }] };
  const old = stored(service, { metadata, spec });
  const { object, faults } = updated(service, old, {
    metadata,
    spec: { type: 'NodePort', ports: [{ port: 80 }, { port: 81, name: 'b' }] },
  });
  expect(faults).toEqual(['spec.ports[0].name: Required value']);
  expect(object).toMatchObject({
    spec: { clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1'], ports: [{ port: 80, nodePort: 30_080 }, { port: 81 }] },
  });
});

test.each([
  { clusterIP: '10.96.0.2', said: ['spec.clusterIPs[0]: Invalid value: ["10.96.0.2"]: may not change once set'] },
  { clusterIP: undefined, said: [] },
])('an update of clusterIP alone to $clusterIP means the list of addresses too', ({ clusterIP, said }) => {
  const spec = { ports, clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1'] };
  const { object, faults } = updated(service, stored(service, { metadata, spec }), {
    metadata,
    spec: { ...spec, clusterIP },
  });
  expect(faults).toEqual(said);
  if (clusterIP === undefined) expect(object.spec).toMatchObject({ clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1'] });
});

test('a service that is no longer reached from outside gives its node ports back', () => {
  const spec = {
    type: 'NodePort',
    clusterIP: '10.96.0.1',
    clusterIPs: ['10.96.0.1'],
    ports: [{ port: 80, nodePort: 30_080 }],
    externalTrafficPolicy: 'Cluster',
  };
  const { object, faults } = updated(service, stored(service, { metadata, spec }), {
    metadata,
    spec: { ...spec, type: 'ClusterIP' },
  });
  expect(faults).toEqual([]);
  expect(object).toMatchObject({ spec: { type: 'ClusterIP', clusterIP: '10.96.0.1' } });
  expect(object).not.toHaveProperty('spec.ports[0].nodePort');
  expect(object).not.toHaveProperty('spec.externalTrafficPolicy');
});

test('a service that becomes an alias gives its address back', () => {
  const spec = { clusterIP: '10.96.0.1', ports };
  const { object, faults } = updated(service, stored(service, { metadata, spec }), {
    metadata,
    spec: { ...spec, type: 'ExternalName', externalName: 'example.com' },
  });
  expect(faults).toEqual([]);
  expect(object).not.toHaveProperty('spec.clusterIP');
});

test('an update leaves the finalizers of a namespace to their own sub-resource', () => {
  const old = stored(namespace, { metadata: { name: 'team' } });
  const { object, faults } = updated(namespace, old, { metadata: { name: 'team' }, spec: { finalizers: [] } });
  expect(faults).toEqual([]);
  expect(object).toHaveProperty('spec.finalizers', ['kubernetes']);
  expect(object).toHaveProperty('metadata.labels', { 'kubernetes.io/metadata.name': 'team' });
});

test('a namespace is Terminating exactly while it is being deleted', () => {
  const old = stored(namespace, { metadata: { name: 'team' } });
  const next = { ...old, status: { phase: 'Terminating' } };
  expect(validateStatusUpdate(namespace, next, old).map(faultText)).toEqual([
    'status.phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
  ]);
});

test('the status of a deployment cannot count more ready pods than pods', () => {
  const old = stored(deployment, { metadata, spec: workload });
  const next = { ...old, status: { replicas: 1, readyReplicas: 2 } };
  expect(validateStatusUpdate(deployment, next, old).map(faultText)).toEqual([
    'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
  ]);
});
