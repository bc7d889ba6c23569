import type { Node, NodeCondition, NodeStatus, NodeSystemInfo, Taint } from '@berth/api';
import type { ImageRecord } from '../engine/engine.ts';
import type { ResourceList } from './node-resources.ts';

export interface NodeFacts {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** The most important address first. */
  readonly addresses: readonly string[];
  readonly capacity: ResourceList;
  readonly allocatable: ResourceList;
  readonly system: NodeSystemInfo;
}

/** What changes while the node lives. */
export interface NodeHealth {
  readonly engineAnswers: boolean;
  readonly memoryPressure: boolean;
  readonly diskPressure: boolean;
  readonly images: readonly ImageRecord[];
}

/** As many as the kubelet reports. */
const imagesMax = 50;

/** The Node object as the agent describes it in its hello. */
export function describedNode(facts: NodeFacts, health: NodeHealth): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: facts.name, labels: facts.labels },
    spec: facts.taints.length === 0 ? {} : { taints: facts.taints },
    status: nodeStatus(facts, health),
  };
}

export function nodeStatus(facts: NodeFacts, health: NodeHealth): NodeStatus {
  return {
    capacity: facts.capacity,
    allocatable: facts.allocatable,
    addresses: [
      ...facts.addresses.map((address) => ({ type: 'InternalIP', address })),
      { type: 'Hostname', address: facts.labels['kubernetes.io/hostname'] ?? facts.name },
    ],
    nodeInfo: facts.system,
    images: health.images
      .filter(({ names }) => names.length > 0)
      .toSorted((a, b) => b.sizeBytes - a.sizeBytes || byName(a.names[0] ?? '', b.names[0] ?? ''))
      .slice(0, imagesMax)
      .map(({ names, sizeBytes }) => ({ names, sizeBytes })),
    conditions: nodeConditions(health),
  };
}

/** The engine lists images of equal size in any order; a status must not change for that. */
function byName(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Ready is the servers' word as long as the session stands; only a dead engine makes us say otherwise. */
function nodeConditions({ engineAnswers, memoryPressure, diskPressure }: NodeHealth): readonly NodeCondition[] {
  const pressure = [
    condition('MemoryPressure', memoryPressure, 'HasInsufficientMemory', 'HasSufficientMemory', 'memory available'),
    condition('DiskPressure', diskPressure, 'HasDiskPressure', 'HasNoDiskPressure', 'disk space available'),
    condition('PIDPressure', false, 'HasInsufficientPID', 'HasSufficientPID', 'process ids available'),
  ];
  if (engineAnswers) return pressure;
  const message = 'the container engine does not answer';
  return [...pressure, { type: 'Ready', status: 'False', reason: 'EngineUnreachable', message }];
}

function condition(type: string, bad: boolean, badReason: string, goodReason: string, what: string): NodeCondition {
  return {
    type,
    status: bad ? 'True' : 'False',
    reason: bad ? badReason : goodReason,
    message: bad ? `the node has too little ${what}` : `the node has sufficient ${what}`,
  };
}
