import { type DeploymentCondition, type DeploymentStatus, formatTime, parseTime } from '@berth/api';
import { findCondition, withCondition, withoutCondition } from '../conditions.ts';
import type { Now } from '../controller.ts';
import { type Family, wantedReplicas } from './family.ts';

type Conditions = readonly DeploymentCondition[];

const progressing = 'Progressing';

/** Kubernetes' reasons of the condition `Progressing`. */
type ProgressReason =
  | 'NewReplicaSetCreated'
  | 'FoundNewReplicaSet'
  | 'ReplicaSetUpdated'
  | 'NewReplicaSetAvailable'
  | 'ProgressDeadlineExceeded'
  | 'ReplicaSetCreateError'
  | 'DeploymentPaused'
  | 'DeploymentResumed';

export function progressCondition(
  status: 'True' | 'False' | 'Unknown',
  reason: ProgressReason,
  message: string,
  now: Now,
): DeploymentCondition {
  const time = formatTime(now.wallMs);
  return { type: progressing, status, reason, message, lastUpdateTime: time, lastTransitionTime: time };
}

/** Kubernetes keeps the old condition, times included, when status and reason are the same. */
export function setProgress(conditions: Conditions, next: DeploymentCondition): Conditions {
  const before = findCondition(conditions, next.type);
  return before?.status === next.status && before.reason === next.reason ? conditions : withCondition(conditions, next);
}

/** Notes on `Progressing` that a pause begins or ends, so that the deadline does not run meanwhile. */
export function notePause({ deployment }: Family, conditions: Conditions, now: Now): Conditions {
  const before = findCondition(conditions, progressing);
  const paused = deployment.spec.paused === true;
  const notedAsPaused = before?.reason === 'DeploymentPaused';
  if (!hasDeadline(deployment) || before?.reason === 'ProgressDeadlineExceeded' || paused === notedAsPaused) {
    return conditions;
  }
  const next = paused
    ? progressCondition('Unknown', 'DeploymentPaused', 'Deployment is paused', now)
    : progressCondition('Unknown', 'DeploymentResumed', 'Deployment is resumed', now);
  return setProgress(conditions, next);
}

/** `kubectl rollout status` reads this: complete, still moving, or stuck for longer than `progressDeadlineSeconds`. */
export function noteProgress(family: Family, next: DeploymentStatus, now: Now): Conditions {
  const { deployment, current } = family;
  const conditions = next.conditions ?? [];
  if (!hasDeadline(deployment)) return withoutCondition(conditions, progressing);
  const before = findCondition(conditions, progressing);
  if (before?.reason === 'NewReplicaSetAvailable' && next.replicas === next.updatedReplicas) return conditions;
  const subject =
    current === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${current.metadata.name}"`;
  if (isComplete(family, next)) {
    const message = `${subject} has successfully progressed.`;
    return setProgress(conditions, progressCondition('True', 'NewReplicaSetAvailable', message, now));
  }
  if (hasProgressed(deployment.status ?? {}, next)) {
    return withCondition(conditions, progressCondition('True', 'ReplicaSetUpdated', `${subject} is progressing.`, now));
  }
  if ((deadlineInMs(family, conditions, now) ?? 1) <= 0) {
    const message = `${subject} has timed out progressing.`;
    return setProgress(conditions, progressCondition('False', 'ProgressDeadlineExceeded', message, now));
  }
  return conditions;
}

export function isComplete({ deployment }: Family, status: DeploymentStatus): boolean {
  const wanted = wantedReplicas(deployment);
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** When the rollout will count as stuck if nothing moves; undefined when it cannot, being complete, paused or stuck. */
export function deadlineInMs({ deployment }: Family, conditions: Conditions, now: Now): number | undefined {
  const before = findCondition(conditions, progressing);
  const over: readonly (string | undefined)[] = [
    'NewReplicaSetAvailable',
    'ProgressDeadlineExceeded',
    'DeploymentPaused',
  ];
  if (!hasDeadline(deployment) || before === undefined || over.includes(before.reason)) return undefined;
  const since = parseTime(before.lastUpdateTime ?? '') ?? now.wallMs;
  return since + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000 - now.wallMs;
}

export function hasDeadline({ spec }: Family['deployment']): boolean {
  // The largest 32-bit number is Kubernetes' way to say "never".
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds < 2_147_483_647;
}

function hasProgressed(before: DeploymentStatus, next: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (next.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(next) < old(before) ||
    (next.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (next.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}
