import {
  columnDefinitions,
  configMap,
  deployment,
  endpointSlice,
  endpoints,
  event,
  type Kind,
  kinds,
  lease,
  namespace,
  node,
  pod,
  replicaSet,
  secret,
  service,
  serviceAccount,
  tableRow,
} from '@berth/api';
import { expect, test } from 'vitest';
import { madeObject } from './made-object.ts';

const nowMs = 1_700_000_000_000;
const ago = (seconds: number) => new Date(nowMs - seconds * 1000).toISOString().replace('.000', '');
const metadata = { name: 'web', namespace: 'default', creationTimestamp: ago(300) };

function printed(kind: Kind, body: object, status?: object): Readonly<Record<string, unknown>> {
  const object = { ...madeObject(kind, body), ...(status === undefined ? {} : { status }) };
  const { cells } = tableRow(kind, object, nowMs, 'None');
  return Object.fromEntries(columnDefinitions(kind).map(({ name }, index) => [name, cells[index]]));
}

test.each([
  [pod, 'Name,Ready,Status,Restarts,Age', 'IP,Node,Nominated Node,Readiness Gates'],
  [deployment, 'Name,Ready,Up-to-date,Available,Age', 'Containers,Images,Selector'],
  [replicaSet, 'Name,Desired,Current,Ready,Age', 'Containers,Images,Selector'],
  [service, 'Name,Type,Cluster-IP,External-IP,Port(s),Age', 'Selector'],
  [node, 'Name,Status,Roles,Age,Version', 'Internal-IP,External-IP,OS-Image,Kernel-Version,Container-Runtime'],
  [namespace, 'Name,Status,Age', ''],
  [endpoints, 'Name,Endpoints,Age', ''],
  [endpointSlice, 'Name,AddressType,Ports,Endpoints,Age', ''],
  [configMap, 'Name,Data,Age', ''],
  [secret, 'Name,Type,Data,Age', ''],
  [serviceAccount, 'Name,Secrets,Age', ''],
  [lease, 'Name,Holder,Age', ''],
  [event, 'Last Seen,Type,Reason,Object,Message', 'Subobject,Source,First Seen,Count,Name'],
] as [Kind, string, string][])('columns of $0.kind', (kind, plain, wide) => {
  const columns = columnDefinitions(kind);
  const names = (priority: number) =>
    columns
      .filter((column) => column.priority === priority)
      .map(({ name }) => name)
      .join(',');
  expect([names(0), names(1)]).toEqual([plain, wide]);
  expect(columns.filter(({ format }) => format === 'name').map(({ name }) => name)).toEqual(['Name']);
  expect(columns.every(({ description }) => description !== '')).toBe(true);
});

test('every kind is printed with as many cells as columns', () => {
  const needed: Readonly<Record<string, object>> = { Pod: { spec: { containers: [] } }, Event: { involvedObject: {} } };
  for (const kind of kinds) {
    const object = madeObject(kind, { metadata, ...needed[kind.kind] });
    const row = tableRow(kind, object, nowMs, 'Metadata');
    expect(row.cells).toHaveLength(kind.columns.length);
    expect(row.object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'web' } });
    expect(tableRow(kind, object, nowMs, 'Object').object).toBe(object);
    expect(tableRow(kind, object, nowMs, 'None')).not.toHaveProperty('object');
  }
});

test('a pod in the wide table', () => {
  const spec = {
    containers: [{ name: 'a', image: 'i' }],
    nodeName: 'n1',
    readinessGates: [{ conditionType: 'a' }, { conditionType: 'b' }],
  };
  const status = { phase: 'Running', podIPs: [{ ip: '10.244.1.5' }], conditions: [{ type: 'a', status: 'True' }] };
  expect(printed(pod, { metadata, spec }, status)).toMatchObject({
    Age: '5m',
    IP: '10.244.1.5',
    Node: 'n1',
    'Nominated Node': '<none>',
    'Readiness Gates': '1/2',
  });
  expect(printed(pod, { metadata, spec: { containers: [] } })).toMatchObject({
    IP: '<none>',
    Node: '<none>',
    'Readiness Gates': '<none>',
  });
});

const template = {
  metadata: { labels: { app: 'web' } },
  spec: {
    containers: [
      { name: 'web', image: 'nginx:1' },
      { name: 'log', image: 'log:2' },
    ],
  },
};
const workload = { replicas: 3, selector: { matchLabels: { app: 'web' } }, template };

test('a deployment and a replica set', () => {
  const wide = { Containers: 'web,log', Images: 'nginx:1,log:2', Selector: 'app=web', Age: '5m' };
  const status = { replicas: 4, readyReplicas: 2, updatedReplicas: 1, availableReplicas: 2 };
  expect(printed(deployment, { metadata, spec: workload }, status)).toEqual({
    Name: 'web',
    Ready: '2/3',
    'Up-to-date': 1,
    Available: 2,
    ...wide,
  });
  expect(printed(deployment, { metadata, spec: workload })).toMatchObject({
    Ready: '0/3',
    'Up-to-date': 0,
    Available: 0,
  });
  expect(printed(replicaSet, { metadata, spec: workload }, status)).toEqual({
    Name: 'web',
    Desired: 3,
    Current: 4,
    Ready: 2,
    ...wide,
  });
});

test.each([
  [
    {
      clusterIP: '10.96.0.1',
      ports: [{ port: 80 }, { port: 53, protocol: 'UDP', name: 'b' }],
      selector: { b: '2', a: '1' },
    },
    'ClusterIP 10.96.0.1 <none> 80/TCP,53/UDP a=1,b=2',
  ],
  [
    { type: 'NodePort', clusterIP: '10.96.0.1', ports: [{ port: 80, nodePort: 30_080 }] },
    'NodePort 10.96.0.1 <none> 80:30080/TCP <none>',
  ],
  [
    { type: 'LoadBalancer', clusterIP: '10.96.0.1', ports: [{ port: 80, nodePort: 30_080 }] },
    'LoadBalancer 10.96.0.1 <pending> 80:30080/TCP <none>',
  ],
  [{ clusterIP: 'None' }, 'ClusterIP None <none> <none> <none>'],
  [{ type: 'ExternalName', externalName: 'example.com' }, 'ExternalName <none> example.com <none> <none>'],
  [
    { clusterIP: '10.96.0.1', externalIPs: ['1.2.3.4', '1.2.3.5'], ports: [{ port: 80 }] },
    'ClusterIP 10.96.0.1 1.2.3.4,1.2.3.5 80/TCP <none>',
  ],
])('a service with %j', (spec, shown) => {
  const cells = printed(service, { metadata, spec });
  expect(
    [cells['Type'], cells['Cluster-IP'], cells['External-IP'], cells['Port(s)'], cells['Selector']].join(' '),
  ).toBe(shown);
});

test('the address of a load balancer', () => {
  const status = { loadBalancer: { ingress: [{ ip: '1.2.3.4' }, { hostname: 'lb.example' }] } };
  expect(printed(service, { metadata, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } }, status)).toMatchObject({
    'External-IP': '1.2.3.4,lb.example',
  });
});

test.each([
  [{ conditions: [{ type: 'Ready', status: 'True' }] }, {}, 'Ready'],
  [{ conditions: [{ type: 'Ready', status: 'Unknown' }] }, {}, 'NotReady'],
  [{ conditions: [{ type: 'Ready', status: 'False' }] }, { unschedulable: true }, 'NotReady,SchedulingDisabled'],
  [{}, {}, 'Unknown'],
])('a node with the status %j and the spec %j is %s', (status, spec, shown) => {
  expect(printed(node, { metadata: { name: 'n1' }, spec }, status)).toMatchObject({
    Status: shown,
    Roles: '<none>',
    'OS-Image': '<unknown>',
  });
});

test('a node in the wide table', () => {
  const labels = { 'node-role.kubernetes.io/worker': '', 'kubernetes.io/role': 'edge' };
  const status = {
    addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
    nodeInfo: {
      kubeletVersion: 'v1.33.0+berth',
      osImage: 'Debian',
      kernelVersion: '6.1',
      containerRuntimeVersion: 'docker://20',
    },
  };
  expect(printed(node, { metadata: { ...metadata, labels } }, status)).toMatchObject({
    Roles: 'edge,worker',
    Version: 'v1.33.0+berth',
    'Internal-IP': '10.0.0.1',
    'External-IP': '<none>',
    'OS-Image': 'Debian',
    'Kernel-Version': '6.1',
    'Container-Runtime': 'docker://20',
  });
});

test('endpoints and slices show the first three places', () => {
  const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5'];
  const subsets = [{ addresses: addresses.map((ip) => ({ ip })), ports: [{ port: 80 }] }];
  expect(printed(endpoints, { metadata, subsets })).toMatchObject({
    Endpoints: '10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 2 more...',
  });
  expect(printed(endpoints, { metadata })).toMatchObject({ Endpoints: '<none>' });
  const slice = {
    metadata,
    addressType: 'IPv4',
    endpoints: addresses.map((ip) => ({ addresses: [ip] })),
    ports: [{ port: 80 }, { name: 'x' }],
  };
  expect(printed(endpointSlice, slice)).toMatchObject({
    AddressType: 'IPv4',
    Ports: '80,*',
    Endpoints: '10.0.0.1,10.0.0.2,10.0.0.3 + 2 more...',
  });
  expect(printed(endpointSlice, { metadata, addressType: 'IPv4' })).toMatchObject({
    Ports: '<unset>',
    Endpoints: '<unset>',
  });
});

test('small kinds', () => {
  expect(printed(configMap, { metadata, data: { a: '1' }, binaryData: { b: '' } })).toMatchObject({
    Name: 'web',
    Data: 2,
    Age: '5m',
  });
  expect(printed(secret, { metadata, data: { a: '' } })).toMatchObject({ Type: 'Opaque', Data: 1 });
  expect(printed(serviceAccount, { metadata, secrets: [{ name: 'a' }] })).toMatchObject({ Secrets: 1 });
  expect(printed(namespace, { metadata: { name: 'team' } })).toMatchObject({ Status: 'Active', Age: '<unknown>' });
  expect(printed(lease, { metadata, spec: { holderIdentity: 'n1' } })).toMatchObject({ Holder: 'n1' });
});

test('an event, once and repeated', () => {
  const about = {
    metadata,
    involvedObject: { kind: 'Pod', name: 'web', namespace: 'default', fieldPath: 'spec.containers{web}' },
  };
  const said = { type: 'Warning', reason: 'BackOff', message: ' again \n', source: { component: 'agent', host: 'n1' } };
  expect(printed(event, { ...about, ...said, firstTimestamp: ago(600), lastTimestamp: ago(10), count: 7 })).toEqual({
    'Last Seen': '10s',
    Type: 'Warning',
    Reason: 'BackOff',
    Object: 'pod/web',
    Subobject: 'spec.containers{web}',
    Source: 'agent, n1',
    Message: 'again',
    'First Seen': '10m',
    Count: 7,
    Name: 'web',
  });
  const series = { count: 3, lastObservedTime: ago(5) };
  const modern = { ...about, eventTime: ago(60), series, reportingComponent: 'scheduler', reportingInstance: 's1' };
  expect(printed(event, modern)).toMatchObject({
    'Last Seen': '5s',
    'First Seen': '60s',
    Count: 3,
    Source: 'scheduler, s1',
  });
  expect(printed(event, { ...about, eventTime: ago(60) })).toMatchObject({ 'Last Seen': '60s', Count: 1 });
});
