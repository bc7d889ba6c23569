import type { Node, Pod, PodSpec, Taint } from '@berth/api';

export const zoneKey = 'topology.kubernetes.io/zone';
export const hostKey = 'kubernetes.io/hostname';

export interface NodeSketch {
  readonly zone?: string;
  readonly cpu?: string;
  readonly memory?: string;
  readonly pods?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly unschedulable?: boolean;
  readonly extra?: Readonly<Record<string, string>>;
}

/** A node of 4 cores, 16 GiB and 110 pods unless said otherwise. */
export function node(name: string, sketch: NodeSketch = {}): Node {
  const { zone, cpu = '4', memory = '16Gi', pods = '110', labels = {}, taints, unschedulable, extra = {} } = sketch;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { [hostKey]: name, ...(zone === undefined ? {} : { [zoneKey]: zone }), ...labels } },
    spec: { ...(taints === undefined ? {} : { taints }), ...(unschedulable === undefined ? {} : { unschedulable }) },
    status: { allocatable: { cpu, memory, pods, ...extra } },
  };
}

export interface PodSketch {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Uid of the controlling owner. */
  readonly owner?: string;
  readonly cpu?: string;
  readonly memory?: string;
  readonly requests?: Readonly<Record<string, string>>;
  readonly hostPorts?: readonly { readonly hostPort: number; readonly hostIP?: string; readonly protocol?: string }[];
  readonly node?: string;
  readonly created?: string;
  readonly terminating?: boolean;
  readonly spec?: Partial<PodSpec>;
}

/** A pod named as its uid, asking for 100m and 128 MiB unless said otherwise. */
export function pod(uid: string, sketch: PodSketch = {}): Pod {
  const { namespace = 'default', labels = {}, owner, cpu = '100m', memory = '128Mi', requests = {}, created } = sketch;
  const ports = sketch.hostPorts?.map((port) => ({ containerPort: port.hostPort, ...port }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: uid,
      namespace,
      uid,
      labels,
      creationTimestamp: created ?? '2026-01-01T00:00:00Z',
      ...(owner === undefined
        ? {}
        : {
            ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner, controller: true }],
          }),
      ...(sketch.terminating === true ? { deletionTimestamp: '2026-01-01T00:01:00Z' } : {}),
    },
    spec: {
      containers: [
        {
          name: 'main',
          resources: {
            requests: { ...(cpu === '' ? {} : { cpu }), ...(memory === '' ? {} : { memory }), ...requests },
          },
          ...(ports === undefined ? {} : { ports }),
        },
      ],
      ...(sketch.node === undefined ? {} : { nodeName: sketch.node }),
      ...sketch.spec,
    },
  };
}
