import type { Pod, Stored } from '@berth/api';
import { compareText } from '../object-key.ts';
import { replacedPod } from './replacement.ts';
import type { CountedPod } from './replica-set-census.ts';

const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';

/**
 * First the pods that are missed least. Kubernetes' order (unassigned, pending, not ready, deletion cost, doubled up on a
 * node, younger), with three rules of ours between: pods on a silent node go early, so do pods that are ready but
 * not yet available, and so does a replacement whose original came back, which is why a node that returns
 * keeps its containers.
 */
export function rankForDeletion(pods: readonly CountedPod[]): readonly CountedPod[] {
  const names = new Set(pods.map(({ pod }) => pod.metadata.name));
  const perNode = countPerNode(pods);
  const criteria = pods.map((counted) => ({ counted, rank: rankOf(counted, names, perNode) }));
  criteria.sort(
    (left, right) =>
      compareRanks(left.rank, right.rank) ||
      compareText(creationTime(right.counted.pod), creationTime(left.counted.pod)) ||
      compareText(left.counted.pod.metadata.name, right.counted.pod.metadata.name),
  );
  return criteria.map(({ counted }) => counted);
}

/** Smaller goes first, the leading number deciding. */
function rankOf(
  { pod, ready, available, disconnected }: CountedPod,
  names: ReadonlySet<string>,
  perNode: ReadonlyMap<string, number>,
): readonly number[] {
  const original = replacedPod(pod);
  return [
    isAssigned(pod) ? 1 : 0,
    disconnected ? 0 : 1,
    pod.status?.phase === 'Running' ? 1 : 0,
    ready ? 1 : 0,
    available ? 1 : 0,
    original !== undefined && names.has(original) ? 0 : 1,
    deletionCost(pod),
    -(perNode.get(pod.spec.nodeName ?? '') ?? 0),
  ];
}

function compareRanks(left: readonly number[], right: readonly number[]): number {
  for (const [at, value] of left.entries()) {
    const difference = value - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function countPerNode(pods: readonly CountedPod[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { pod } of pods)
    if (isAssigned(pod)) counts.set(pod.spec.nodeName ?? '', (counts.get(pod.spec.nodeName ?? '') ?? 0) + 1);
  return counts;
}

function isAssigned(pod: Stored<Pod>): boolean {
  return (pod.spec.nodeName ?? '') !== '';
}

function deletionCost(pod: Stored<Pod>): number {
  const cost = Number(pod.metadata.annotations?.[deletionCostAnnotation] ?? '0');
  return Number.isSafeInteger(cost) ? cost : 0;
}

function creationTime(pod: Stored<Pod>): string {
  return pod.metadata.creationTimestamp;
}
