import { formatTime } from '@berth/api';
import { type ControllerSettings, defaultTimings, type ServedKind } from '../src/index.ts';
import type { Condition, FakeCluster, Loose } from './fake-cluster.ts';

const kinds: readonly ServedKind[] = [
  { resource: 'namespaces', apiVersion: 'v1', kind: 'Namespace', namespaced: false },
  { resource: 'nodes', apiVersion: 'v1', kind: 'Node', namespaced: false },
  { resource: 'pods', apiVersion: 'v1', kind: 'Pod', namespaced: true },
  { resource: 'services', apiVersion: 'v1', kind: 'Service', namespaced: true },
  { resource: 'endpoints', apiVersion: 'v1', kind: 'Endpoints', namespaced: true },
  {
    resource: 'endpointslices.discovery.k8s.io',
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    namespaced: true,
  },
  { resource: 'configmaps', apiVersion: 'v1', kind: 'ConfigMap', namespaced: true },
  { resource: 'secrets', apiVersion: 'v1', kind: 'Secret', namespaced: true },
  { resource: 'events', apiVersion: 'v1', kind: 'Event', namespaced: true },
  { resource: 'serviceaccounts', apiVersion: 'v1', kind: 'ServiceAccount', namespaced: true },
  { resource: 'replicasets.apps', apiVersion: 'apps/v1', kind: 'ReplicaSet', namespaced: true },
  { resource: 'deployments.apps', apiVersion: 'apps/v1', kind: 'Deployment', namespaced: true },
];

export const settings: ControllerSettings = {
  ...defaultTimings,
  rootCaPem: '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n',
  kubernetesServiceIp: '10.96.0.1',
  kinds,
};

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'web:1' }] },
};

export function replicaSet(name: string, replicas: number, spec: object = {}): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, namespace: 'default' },
    spec: { replicas, selector: { matchLabels: { app: 'web' } }, template, ...spec },
  };
}

export function deployment(replicas: number, spec: object = {}): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...spec,
    },
  };
}

export function pod(
  name: string,
  given: { metadata?: object; spec?: object; status?: object } = {},
): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', ...given.metadata },
    spec: { containers: [{ name: 'web', image: 'web:1' }], ...given.spec },
    ...(given.status === undefined ? {} : { status: given.status }),
  };
}

export function node(
  name: string,
  given: { metadata?: object; spec?: object } = {},
): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, ...given.metadata },
    spec: { ...given.spec },
    status: { conditions: [{ type: 'Ready', status: 'True', reason: 'AgentReady' }] },
  };
}

export function namespace(name: string): Readonly<Record<string, unknown>> {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: { finalizers: ['kubernetes'] } };
}

/** What an agent reports of a pod that serves. */
export function readyStatus(since: string, ip = '10.244.0.9'): object {
  return {
    phase: 'Running',
    podIP: ip,
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: since }],
  };
}

export function makeReady(cluster: FakeCluster, name: string, nodeName = 'n1'): void {
  const key = `default/${name}`;
  if (cluster.at('pods', key).spec.nodeName === undefined) {
    cluster.edit('pods', key, ({ spec }) => ({ spec: { ...spec, nodeName } }));
  }
  cluster.editStatus('pods', key, readyStatus(formatTime(cluster.now.wallMs)));
}

export function namesOf(objects: readonly Loose[]): readonly string[] {
  return objects.map(({ metadata }) => metadata.name);
}

export function condition(object: Loose, type: string): Condition | undefined {
  return object.status?.conditions?.find((found) => found.type === type);
}
