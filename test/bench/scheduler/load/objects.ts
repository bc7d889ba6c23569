import type { Node, Pod, PodSpec } from '@berth/api';

export const zoneKey = 'topology.kubernetes.io/zone';
export const hostKey = 'kubernetes.io/hostname';

/** A node as the public benchmarks of Kubernetes have it: 4 cores, 32 GiB, 110 pods. */
export function benchNode(name: string, at: number, allocatable: Readonly<Record<string, string>> = {}): Node {
  const labels = { [hostKey]: name, [zoneKey]: `zone-${at % 3}`, pool: `pool-${at % 5}` };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels },
    spec: {},
    status: { allocatable: { cpu: '4', memory: '32Gi', pods: '110', ...allocatable } },
  };
}

export function benchNodes(count: number, allocatable: Readonly<Record<string, string>> = {}): readonly Node[] {
  return Array.from({ length: count }, (_, at) => benchNode(`node-${at}`, at, allocatable));
}

export interface BenchPod {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly owner?: string;
  readonly requests?: Readonly<Record<string, string>>;
  readonly spec?: Partial<PodSpec>;
}

const requestsDefault = { cpu: '100m', memory: '500Mi' };

/** A pod as the public benchmarks of Kubernetes have it: 100m, 500 MiB. Each is an object of its own, as if read from the store. */
export function benchPod(uid: string, sketch: BenchPod = {}): Pod {
  const {
    namespace = 'bench',
    labels = { app: 'bench' },
    annotations,
    owner,
    requests = requestsDefault,
    spec,
  } = sketch;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: uid,
      namespace,
      uid,
      labels: { ...labels },
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(annotations === undefined ? {} : { annotations }),
      ...(owner === undefined
        ? {}
        : {
            ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner, controller: true }],
          }),
    },
    spec: { containers: [{ name: 'main', resources: { requests: { ...requests } } }], ...spec },
  };
}

export function benchPods(
  count: number,
  prefix: string,
  sketch: (at: number) => BenchPod = () => ({}),
): readonly Pod[] {
  return Array.from({ length: count }, (_, at) => benchPod(`${prefix}-${at}`, sketch(at)));
}

export function boundTo(pod: Pod, node: string): Pod {
  return { ...pod, spec: { ...pod.spec, nodeName: node } };
}
