import {
  configMap,
  deployment,
  endpointSlice,
  endpoints,
  event,
  type Kind,
  lease,
  namespace,
  node,
  replicaSet,
  secret,
  service,
  serviceAccount,
} from '@berth/api';
import { expect, test } from 'vitest';
import { createFaults } from './made-object.ts';
import { labels, metadata, ports, template, workload } from './sample-specs.ts';

test.each<[string, Kind, object]>([
  ['deployment', deployment, { metadata, spec: workload }],
  [
    'deployment without surge',
    deployment,
    { metadata, spec: { ...workload, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } } },
  ],
  ['replica set', replicaSet, { metadata, spec: workload }],
  ['service', service, { metadata, spec: { ports, selector: labels } }],
  ['headless service without ports', service, { metadata, spec: { clusterIP: 'None' } }],
  ['external name', service, { metadata, spec: { type: 'ExternalName', externalName: 'example.com.' } }],
  ['config map', configMap, { metadata, data: { 'a.b': 'c' }, binaryData: { bin: 'AAEC' } }],
  ['secret', secret, { metadata, stringData: { a: 'b' } }],
  ['service account', serviceAccount, { metadata }],
  ['namespace', namespace, { metadata: { name: 'team' } }],
  ['node', node, { metadata: { name: 'n1.example' }, spec: { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24'] } }],
  ['lease', lease, { metadata, spec: { leaseDurationSeconds: 10 } }],
  ['event', event, { metadata, involvedObject: { kind: 'Pod', namespace: 'default' }, type: 'Normal' }],
  ['endpoints', endpoints, { metadata, subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports }] }],
  ['endpoint slice', endpointSlice, { metadata, addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports }],
])('a plain %s is good', (_title, kind, body) => {
  expect(createFaults(kind, body)).toEqual([]);
});

const faulty: readonly (readonly [Kind, object, string])[] = [
  [
    configMap,
    { metadata: { namespace: 'default' } },
    'metadata.name: Required value: name or generateName is required',
  ],
  [configMap, { metadata: { name: 'a' } }, 'metadata.namespace: Required value'],
  [namespace, { metadata: { name: 'a', namespace: 'b' } }, 'metadata.namespace: Forbidden: not allowed on this type'],
  [
    configMap,
    { metadata: { ...metadata, name: 'A' } },
    'metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain',
  ],
  [namespace, { metadata: { name: 'a.b' } }, 'metadata.name: Invalid value: "a.b": a lowercase RFC 1123 label'],
  [
    service,
    { metadata: { ...metadata, name: '1a' }, spec: { ports } },
    'metadata.name: Invalid value: "1a": a DNS-1035 label',
  ],
  [
    configMap,
    { metadata: { ...metadata, generateName: 'A-' } },
    'metadata.generateName: Invalid value: "A-": a lowercase RFC 1123 subdomain',
  ],
  [
    configMap,
    { metadata: { ...metadata, labels: { 'a b': '' } } },
    'metadata.labels: Invalid value: "a b": name part must consist of',
  ],
  [
    configMap,
    { metadata: { ...metadata, labels: { a: 'b c' } } },
    'metadata.labels: Invalid value: "b c": a valid label must be',
  ],
  [configMap, { metadata: { ...metadata, annotations: { 'a b': '' } } }, 'metadata.annotations: Invalid value: "a b"'],
  [
    configMap,
    { metadata: { ...metadata, finalizers: ['mine'] } },
    'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name',
  ],
  [
    configMap,
    { metadata: { ...metadata, ownerReferences: [{ kind: 'A', apiVersion: 'v1', uid: 'u' }] } },
    'metadata.ownerReferences[0].name: Required value',
  ],
  [configMap, { metadata, data: { 'a b': '' } }, 'data[a b]: Invalid value: "a b": a valid config key must consist of'],
  [
    configMap,
    { metadata, data: { a: '' }, binaryData: { a: '' } },
    'data[a]: Invalid value: "a": duplicate of key present in binaryData',
  ],
  [secret, { metadata, type: 'kubernetes.io/tls', data: { 'tls.crt': '' } }, 'data[tls.key]: Required value'],
  [
    secret,
    { metadata, type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '{' } },
    'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>"',
  ],
  [deployment, { metadata, spec: { template } }, 'spec.selector: Required value'],
  [
    deployment,
    { metadata, spec: { ...workload, selector: {} } },
    'spec.selector: Invalid value: {}: empty selector is invalid for deployment',
  ],
  [
    deployment,
    { metadata, spec: { ...workload, selector: { matchLabels: { app: 'db' } } } },
    'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
  ],
  [
    deployment,
    { metadata, spec: { ...workload, replicas: -1 } },
    'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    deployment,
    { metadata, spec: { ...workload, minReadySeconds: 600 } },
    'spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds',
  ],
  [
    deployment,
    { metadata, spec: { ...workload, strategy: { type: 'Slowly' } } },
    'spec.strategy.type: Unsupported value: "Slowly": supported values: "Recreate", "RollingUpdate"',
  ],
  [
    deployment,
    { metadata, spec: { ...workload, strategy: { type: 'Recreate', rollingUpdate: {} } } },
    "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
  ],
  [
    deployment,
    { metadata, spec: { ...workload, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } } },
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
  ],
  [
    deployment,
    { metadata, spec: { ...workload, strategy: { rollingUpdate: { maxSurge: 'some' } } } },
    'spec.strategy.rollingUpdate.maxSurge: Invalid value: "some": a valid percent string',
  ],
  [
    deployment,
    { metadata, spec: { ...workload, template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } } },
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
  ],
  [
    deployment,
    { metadata, spec: { ...workload, selector: { matchExpressions: [{ key: 'app', operator: 'In' }] } } },
    "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
  ],
  [service, { metadata, spec: {} }, 'spec.ports: Required value'],
  [service, { metadata, spec: { ports: [{ port: 80 }, { port: 81 }] } }, 'spec.ports[0].name: Required value'],
  [
    service,
    {
      metadata,
      spec: {
        ports: [
          { port: 80, name: 'a' },
          { port: 80, name: 'b' },
        ],
      },
    },
    'spec.ports[1]: Duplicate value: {"port":80,"protocol":"TCP"}',
  ],
  [
    service,
    { metadata, spec: { ports: [{ port: 80, nodePort: 30_000 }] } },
    "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
  ],
  [
    service,
    { metadata, spec: { ports, clusterIP: 'x' } },
    'spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address',
  ],
  [
    service,
    { metadata, spec: { ports, type: 'NodePort', clusterIP: 'None' } },
    'spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services',
  ],
  [
    service,
    { metadata, spec: { ports, externalTrafficPolicy: 'Local' } },
    'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
  ],
  [
    service,
    { metadata, spec: { ports, ipFamilies: ['IPv6'] } },
    'spec.ipFamilies: Forbidden: services with IPv6 addresses are not served by Berth yet',
  ],
  [service, { metadata, spec: { type: 'ExternalName' } }, 'spec.externalName: Required value'],
  [
    service,
    { metadata, spec: { ports: [{ port: 80, targetPort: 'Bad' }] } },
    'spec.ports[0].targetPort: Invalid value: "Bad"',
  ],
  [
    service,
    { metadata, spec: { ports, externalIPs: ['127.0.0.1'] } },
    'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range',
  ],
  [node, { metadata: { name: 'n1' }, spec: { taints: [{ key: 'a' }] } }, 'spec.taints[0].effect: Required value'],
  [
    node,
    {
      metadata: { name: 'n1' },
      spec: {
        taints: [
          { key: 'a', effect: 'NoSchedule' },
          { key: 'a', effect: 'NoSchedule', value: 'b' },
        ],
      },
    },
    'spec.taints[1]: Duplicate value: "a:NoSchedule"',
  ],
  [
    lease,
    { metadata, spec: { leaseDurationSeconds: 0 } },
    'spec.leaseDurationSeconds: Invalid value: 0: must be greater than or equal to 1',
  ],
  [
    event,
    { metadata, involvedObject: { namespace: 'other' } },
    'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
  ],
  [
    endpoints,
    { metadata, subsets: [{ ports }] },
    'subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`',
  ],
  [
    endpoints,
    { metadata, subsets: [{ addresses: [{ ip: '169.254.1.1' }], ports }] },
    'subsets[0].addresses[0].ip: Invalid value: "169.254.1.1": may not be in the link-local range',
  ],
  [endpointSlice, { metadata, endpoints: [] }, 'addressType: Required value'],
  [
    endpointSlice,
    { metadata, addressType: 'IPv4', endpoints: [{ addresses: ['x'] }] },
    'endpoints[0].addresses[0]: Invalid value: "x": must be an IPv4 address',
  ],
  [
    endpointSlice,
    { metadata, addressType: 'IPv4', ports: [{ name: 'a' }, { name: 'a' }] },
    'ports[1].name: Duplicate value: "a"',
  ],
];

test.each(faulty.map(([kind, body, fault]) => ({ kind, body, fault, what: kind.singular })))(
  '$what: $fault',
  ({ kind, body, fault }) => {
    const faults = createFaults(kind, body);
    expect(faults.join('\n')).toContain(fault);
    expect(faults.length).toBeLessThanOrEqual(2);
  },
);

test('annotations and data have a limit in bytes, counted together', () => {
  const annotations = { a: 'x'.repeat(262_144) };
  expect(createFaults(configMap, { metadata: { ...metadata, annotations } })).toEqual([
    'metadata.annotations: Too long: may not be more than 262144 bytes',
  ]);
  const half = 'ü'.repeat(300_000);
  expect(createFaults(configMap, { metadata, data: { a: half } })).toEqual([]);
  expect(createFaults(configMap, { metadata, data: { a: half, b: half } })).toEqual([
    '<root>: Too long: may not be more than 1048576 bytes',
  ]);
  const secretData = { a: 'AAAA'.repeat(349_526) };
  expect(createFaults(secret, { metadata, data: secretData })).toEqual([
    'data: Too long: may not be more than 1048576 bytes',
  ]);
});
