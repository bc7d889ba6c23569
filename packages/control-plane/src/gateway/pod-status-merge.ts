import { isDeepStrictEqual } from 'node:util';
import type { Pod, PodCondition, PodStatus } from '@berth/api';

/** Conditions that the node's agent writes; all others are the servers' or some controller's and stay. */
const agentConditions: ReadonlySet<string> = new Set([
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodReadyToStartContainers',
  'PodResizePending',
  'PodResizeInProgress',
]);

/** `status.reason` of a pod whose node is lost, as the node lifecycle controller writes it. */
const nodeLostReason = 'NodeLost';

const finalPhases: ReadonlySet<string> = new Set(['Succeeded', 'Failed']);

/**
 * `pod` with its agent's status; undefined when nothing changes, or when the pod has ended: an end is final, whatever a late
 * message says.
 */
export function mergedPodStatus<T extends Pod>(pod: T, reported: PodStatus): T | undefined {
  const current = pod.status ?? {};
  const hasEnded = finalPhases.has(current.phase ?? '');
  if (hasEnded && reported.phase !== current.phase) return undefined;
  const status: PodStatus = {
    ...serverFields(current),
    ...reported,
    conditions: mergeConditions(current.conditions ?? [], reported.conditions ?? []),
  };
  return isDeepStrictEqual(status, current) ? undefined : { ...pod, status };
}

/** True when a leader has taken the pod for lost and its agent has not spoken since. */
export function isMarkedLost(pod: { readonly [field: string]: unknown } | undefined): boolean {
  return (pod?.['status'] as PodStatus | undefined)?.reason === nodeLostReason;
}

/** What the agent does not know; a reason such as NodeLost is not among them: whoever reports is not lost. */
function serverFields({ qosClass, nominatedNodeName, resourceClaimStatuses }: PodStatus): PodStatus {
  return {
    ...(qosClass === undefined ? {} : { qosClass }),
    ...(nominatedNodeName === undefined ? {} : { nominatedNodeName }),
    ...(resourceClaimStatuses === undefined ? {} : { resourceClaimStatuses }),
  };
}

function mergeConditions(current: readonly PodCondition[], reported: readonly PodCondition[]): readonly PodCondition[] {
  const isReported = (type: string): boolean => reported.some((condition) => condition.type === type);
  const kept = current.filter(({ type }) => !agentConditions.has(type) && !isReported(type));
  return [...reported, ...kept];
}
