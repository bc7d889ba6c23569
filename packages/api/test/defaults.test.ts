import {
  applyObjectDefaults,
  configMap,
  decodeObject,
  deployment,
  endpointSlice,
  endpoints,
  event,
  type Kind,
  lease,
  namespace,
  node,
  pod,
  prepareForCreate,
  replicaSet,
  secret,
  service,
  serviceAccount,
} from '@berth/api';
import { expect, test } from 'vitest';

/** What a new object looks like once the server has filled it in. */
function created(kind: Kind, body: object): unknown {
  const { object } = decodeObject(kind, body);
  applyObjectDefaults(kind, object);
  prepareForCreate(kind, object);
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  return rest;
}

const container = {
  name: 'web',
  image: 'nginx:1.27',
  imagePullPolicy: 'IfNotPresent',
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
};
const podSpec = {
  containers: [container],
  dnsPolicy: 'ClusterFirst',
  restartPolicy: 'Always',
  schedulerName: 'default-scheduler',
  securityContext: {},
  terminationGracePeriodSeconds: 30,
};
const bare = { containers: [{ name: 'web', image: 'nginx:1.27' }] };

test('a pod gets what Kubernetes gives it', () => {
  expect(created(pod, { metadata: { name: 'web' }, spec: bare })).toEqual({
    metadata: { name: 'web', generation: 1 },
    spec: { ...podSpec, enableServiceLinks: true },
    status: { phase: 'Pending', qosClass: 'BestEffort' },
  });
});

test('a deployment and its template get what Kubernetes gives them', () => {
  const labels = { app: 'web' };
  const body = {
    metadata: { name: 'web' },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: bare } },
  };
  expect(created(deployment, body)).toEqual({
    metadata: { name: 'web', generation: 1 },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      template: { metadata: { labels }, spec: podSpec },
    },
    status: {},
  });
  expect(created(replicaSet, body)).toEqual({
    metadata: { name: 'web', generation: 1 },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec } },
    status: { replicas: 0 },
  });
});

test('a deployment that is recreated has no settings of rolling updates', () => {
  const strategy = { type: 'Recreate' };
  const { spec } = created(deployment, { spec: { strategy } }) as { spec: { strategy: object } };
  expect(spec.strategy).toEqual(strategy);
});

test.each([
  ['nginx', 'Always'],
  ['nginx:latest', 'Always'],
  ['nginx:1.27', 'IfNotPresent'],
  ['registry:5000/nginx', 'Always'],
  ['registry:5000/nginx:1', 'IfNotPresent'],
  ['nginx@sha256:0123', 'IfNotPresent'],
  ['nginx:latest@sha256:0123', 'Always'],
])('the image %s is pulled %s', (image, policy) => {
  const { spec } = created(pod, { spec: { containers: [{ name: 'web', image }] } }) as {
    spec: { containers: object[] };
  };
  expect(spec.containers[0]).toMatchObject({ imagePullPolicy: policy });
});

test('parts of a pod get their defaults wherever they stand', () => {
  const spec = {
    hostNetwork: true,
    serviceAccount: 'bot',
    containers: [
      {
        ...container,
        ports: [{ containerPort: 80 }],
        env: [
          { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'B', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
        ],
        resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } },
        livenessProbe: { httpGet: { port: 80 } },
        readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: 3 },
      },
    ],
    volumes: [
      { name: 'a' },
      { name: 'b', configMap: { name: 'c' } },
      { name: 'c', secret: { secretName: 's' } },
      { name: 'd', hostPath: { path: '/srv' } },
      { name: 'e', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
      { name: 'f', downwardAPI: { items: [] } },
    ],
  };
  expect(created(pod, { spec })).toMatchObject({
    spec: {
      serviceAccount: 'bot',
      serviceAccountName: 'bot',
      containers: [
        {
          ports: [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }],
          env: [
            { name: 'A', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
            { name: 'B', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '0' } } },
          ],
          resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m', memory: '1Gi' } },
          livenessProbe: {
            httpGet: { port: 80, path: '/', scheme: 'HTTP' },
            failureThreshold: 3,
            periodSeconds: 10,
            successThreshold: 1,
            timeoutSeconds: 1,
          },
          readinessProbe: { tcpSocket: { port: 80 }, failureThreshold: 3, periodSeconds: 3 },
        },
      ],
      volumes: [
        { name: 'a', emptyDir: {} },
        { name: 'b', configMap: { name: 'c', defaultMode: 420 } },
        { name: 'c', secret: { secretName: 's', defaultMode: 420 } },
        { name: 'd', hostPath: { path: '/srv', type: '' } },
        {
          name: 'e',
          projected: { defaultMode: 420, sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }] },
        },
        { name: 'f', downwardAPI: { defaultMode: 420 } },
      ],
    },
    status: { qosClass: 'Burstable' },
  });
});

test.each([
  ['nothing asked for', {}, 'BestEffort'],
  ['limits alone, which are requested too', { limits: { cpu: '1', memory: '1Gi' } }, 'Guaranteed'],
  ['requests below limits', { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } }, 'Burstable'],
  ['memory without cpu', { limits: { memory: '1Gi' } }, 'Burstable'],
  ['requests alone', { requests: { cpu: '1' } }, 'Burstable'],
  ['zero', { requests: { cpu: '0' } }, 'BestEffort'],
])('a pod with %s is of the class %s', (_title, resources, qosClass) => {
  const body = { spec: { containers: [{ ...container, resources }] } };
  expect(created(pod, body)).toMatchObject({ status: { qosClass } });
});

test('amounts finer than a thousandth are rounded up', () => {
  const body = { spec: { containers: [{ ...container, resources: { limits: { cpu: '0.0001' } } }] } };
  expect(created(pod, body)).toMatchObject({ spec: { containers: [{ resources: { limits: { cpu: '1m' } } }] } });
});

test.each<[string, object, object]>([
  [
    'a ClusterIP service',
    { ports: [{ port: 80 }] },
    {
      type: 'ClusterIP',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    },
  ],
  [
    'a NodePort service',
    { type: 'NodePort', ports: [{ port: 80, targetPort: 'http' }] },
    {
      type: 'NodePort',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 'http' }],
      sessionAffinity: 'None',
      externalTrafficPolicy: 'Cluster',
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    },
  ],
  [
    'a LoadBalancer service with client affinity',
    { type: 'LoadBalancer', sessionAffinity: 'ClientIP', ports: [{ port: 53, protocol: 'UDP' }] },
    {
      type: 'LoadBalancer',
      ports: [{ port: 53, protocol: 'UDP', targetPort: 53 }],
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } },
      externalTrafficPolicy: 'Cluster',
      internalTrafficPolicy: 'Cluster',
      allocateLoadBalancerNodePorts: true,
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    },
  ],
  [
    'a headless service',
    { clusterIP: 'None' },
    {
      type: 'ClusterIP',
      clusterIP: 'None',
      clusterIPs: ['None'],
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    },
  ],
  [
    'an ExternalName service',
    { type: 'ExternalName', externalName: 'example.com' },
    { type: 'ExternalName', externalName: 'example.com', sessionAffinity: 'None' },
  ],
])('%s gets what Kubernetes gives it', (_title, spec, filled) => {
  expect(created(service, { spec })).toEqual({ metadata: {}, spec: filled, status: { loadBalancer: {} } });
});

test('stringData of a secret goes into data and wins', () => {
  const body = { data: { a: 'YQ==', b: 'Yg==' }, stringData: { b: 'bee', c: 'ü' } };
  expect(created(secret, body)).toEqual({
    metadata: {},
    type: 'Opaque',
    data: { a: 'YQ==', b: 'YmVl', c: 'w7w=' },
  });
});

const plain: readonly (readonly [Kind, object, object])[] = [
  [configMap, { data: { a: '1' } }, { metadata: {}, data: { a: '1' } }],
  [serviceAccount, {}, { metadata: {} }],
  [lease, {}, { metadata: {}, spec: {} }],
  [
    namespace,
    { metadata: { name: 'team' } },
    {
      metadata: { name: 'team', labels: { 'kubernetes.io/metadata.name': 'team' } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    },
  ],
  [
    node,
    { status: { capacity: { cpu: '4' } } },
    {
      metadata: {},
      spec: {},
      status: { capacity: { cpu: '4' }, allocatable: { cpu: '4' }, daemonEndpoints: { kubeletEndpoint: { Port: 0 } } },
    },
  ],
  [
    event,
    { involvedObject: { kind: 'Pod' } },
    { metadata: {}, involvedObject: { kind: 'Pod' }, source: {}, reportingComponent: '', reportingInstance: '' },
  ],
  [
    endpoints,
    { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] },
    { metadata: {}, subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80, protocol: 'TCP' }] }] },
  ],
  [
    endpointSlice,
    { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ port: 80 }] },
    {
      metadata: { generation: 1 },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.0.0.1'], conditions: {} }],
      ports: [{ name: '', port: 80, protocol: 'TCP' }],
    },
  ],
];

test.each(plain.map(([kind, body, filled]) => ({ kind, body, filled, what: kind.singular })))(
  'a $what gets what Kubernetes gives it',
  ({ kind, body, filled }) => {
    expect(created(kind, body)).toEqual(filled);
  },
);

test('defaulting twice changes nothing more', () => {
  const { object } = decodeObject(deployment, { spec: { template: { spec: bare } } });
  applyObjectDefaults(deployment, object);
  const once = structuredClone(object);
  applyObjectDefaults(deployment, object);
  expect(object).toEqual(once);
});

test('a new object cannot bring a status, a generation or a deletion with it', () => {
  const metadata = {
    name: 'web',
    generation: 9,
    deletionTimestamp: '2024-01-01T00:00:00Z',
    deletionGracePeriodSeconds: 5,
    selfLink: 'x',
  };
  const body = { metadata, spec: bare, status: { phase: 'Running', podIP: '10.0.0.1' } };
  expect(created(pod, body)).toMatchObject({
    metadata: { generation: 1 },
    status: { phase: 'Pending', qosClass: 'BestEffort' },
  });
  expect(created(pod, body)).not.toHaveProperty('metadata.deletionTimestamp');
  expect(created(pod, body)).not.toHaveProperty('status.podIP');
});
