import { formatTime, type Node, type Stored, type Taint } from '@berth/api';
import { findCondition } from '../conditions.ts';
import type { Now } from '../controller.ts';
import { notReadyTaint, unreachableTaint } from '../toleration.ts';

type Effects = readonly ('NoSchedule' | 'NoExecute')[];

/** Kubernetes' table of what each condition keeps off a node. */
const conditionTaints: readonly {
  readonly condition: string;
  readonly status: string;
  readonly key: string;
  readonly effects: Effects;
}[] = [
  { condition: 'Ready', status: 'False', key: notReadyTaint, effects: ['NoSchedule', 'NoExecute'] },
  { condition: 'Ready', status: 'Unknown', key: unreachableTaint, effects: ['NoSchedule', 'NoExecute'] },
  { condition: 'MemoryPressure', status: 'True', key: 'node.kubernetes.io/memory-pressure', effects: ['NoSchedule'] },
  { condition: 'DiskPressure', status: 'True', key: 'node.kubernetes.io/disk-pressure', effects: ['NoSchedule'] },
  { condition: 'PIDPressure', status: 'True', key: 'node.kubernetes.io/pid-pressure', effects: ['NoSchedule'] },
  {
    condition: 'NetworkUnavailable',
    status: 'True',
    key: 'node.kubernetes.io/network-unavailable',
    effects: ['NoSchedule'],
  },
];
const unschedulableTaint = 'node.kubernetes.io/unschedulable';

const managedKeys: ReadonlySet<string> = new Set([...conditionTaints.map(({ key }) => key), unschedulableTaint]);

/** Set by this controller from the state of the node, not by a user. */
export function isManagedTaint({ key }: Taint): boolean {
  return managedKeys.has(key);
}

/**
 * The taints a node should have: those of its user, then those that follow from its conditions and from `kubectl cordon`.
 * Every `NoExecute` taint says since when, because tolerations may be limited in time.
 */
export function wantedTaints(node: Stored<Node>, now: Now): readonly Taint[] {
  const before = node.spec.taints ?? [];
  const wanted = conditionTaints
    .filter(({ condition, status }) => findCondition(node.status?.conditions, condition)?.status === status)
    .flatMap(({ key, effects }) => effects.map((effect): Taint => ({ key, effect })));
  if (node.spec.unschedulable === true) wanted.push({ key: unschedulableTaint, effect: 'NoSchedule' });
  const isWanted = (taint: Taint): boolean => wanted.some((other) => isSameTaint(taint, other));
  const kept = before.filter((taint) => !isManagedTaint(taint) || isWanted(taint));
  const added = wanted.filter((taint) => !before.some((other) => isSameTaint(taint, other)));
  return [...kept, ...added].map((taint) =>
    taint.effect === 'NoExecute' && taint.timeAdded === undefined
      ? { ...taint, timeAdded: formatTime(now.wallMs) }
      : taint,
  );
}

function isSameTaint(left: Taint, right: Taint): boolean {
  return left.key === right.key && left.effect === right.effect;
}
