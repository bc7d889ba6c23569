import { formatTime, type ReplicaSet, type ReplicaSetCondition, type ReplicaSetStatus, type Stored } from '@berth/api';
import { withCondition, withoutCondition } from '../conditions.ts';
import type { Now, Refusal, Write } from '../controller.ts';
import { sameValue } from '../sameness.ts';
import type { Census } from './replica-set-census.ts';

const failureCondition = 'ReplicaFailure';

export function replicaSetStatus(
  replicaSet: Stored<ReplicaSet>,
  { counted }: Census,
  conditions: readonly ReplicaSetCondition[],
): ReplicaSetStatus {
  const wantedLabels = Object.entries(replicaSet.spec.template?.metadata?.labels ?? {});
  return {
    replicas: counted.length,
    fullyLabeledReplicas: counted.filter(({ pod }) =>
      wantedLabels.every(([key, value]) => pod.metadata.labels?.[key] === value),
    ).length,
    readyReplicas: counted.filter(({ ready }) => ready).length,
    availableReplicas: counted.filter(({ available }) => available).length,
    observedGeneration: replicaSet.metadata.generation ?? 0,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

export function statusWrites(replicaSet: Stored<ReplicaSet>, status: ReplicaSetStatus): readonly Write[] {
  if (sameValue(replicaSet.status, status)) return [];
  const object: Stored<ReplicaSet> = { ...replicaSet, status };
  return [{ kind: 'updateStatus', resource: 'replicasets.apps', object }];
}

/** The last failure stays visible until the count is right again. */
export function remainingConditions(
  replicaSet: Stored<ReplicaSet>,
  countIsRight: boolean,
): readonly ReplicaSetCondition[] {
  const conditions = replicaSet.status?.conditions ?? [];
  return countIsRight ? withoutCondition(conditions, failureCondition) : conditions;
}

export function withFailure(
  replicaSet: Stored<ReplicaSet>,
  refusal: Refusal,
  now: Now,
): readonly ReplicaSetCondition[] {
  return withCondition<ReplicaSetCondition>(replicaSet.status?.conditions, {
    type: failureCondition,
    status: 'True',
    reason: refusal.write.kind === 'delete' ? 'FailedDelete' : 'FailedCreate',
    message: refusal.message,
    lastTransitionTime: formatTime(now.wallMs),
  });
}
