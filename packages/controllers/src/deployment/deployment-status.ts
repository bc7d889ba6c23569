import { type DeploymentCondition, type DeploymentStatus, formatTime, type ReplicaSetCondition } from '@berth/api';
import { findCondition, withCondition, withoutCondition } from '../conditions.ts';
import type { Now, Write } from '../controller.ts';
import { sameValue } from '../sameness.ts';
import { revisionOf, withRevision } from './deployment-annotations.ts';
import { allSets, type Family, specSize, total, wantedReplicas } from './family.ts';
import { rolloutBounds } from './rollout-bounds.ts';

/** Sums over the ReplicaSets, as they were seen before this plan. */
export function deploymentStatus(
  family: Family,
  conditions: readonly DeploymentCondition[],
  now: Now,
): DeploymentStatus {
  const { deployment, current } = family;
  const sets = allSets(family);
  const available = total(sets, ({ status }) => status?.availableReplicas ?? 0);
  const { collisionCount } = deployment.status ?? {};
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: total(sets, ({ status }) => status?.replicas ?? 0),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: total(sets, ({ status }) => status?.readyReplicas ?? 0),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, total(sets, specSize) - available),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: noteReplicaFailure(family, noteAvailability(family, available, conditions, now)),
  };
}

/** The Deployment names the revision it is at, where `kubectl rollout history` and `undo` start from. */
export function statusWrites(
  { deployment }: Family,
  status: DeploymentStatus,
  revision: number = revisionOf(deployment),
): readonly Write[] {
  const isRevised = revision !== revisionOf(deployment);
  if (!isRevised && sameValue(deployment.status, status)) return [];
  const annotations = withRevision(deployment.metadata.annotations, revision);
  const metadata = isRevised ? { ...deployment.metadata, annotations } : deployment.metadata;
  const object: Family['deployment'] = { ...deployment, metadata, status };
  return [
    { kind: 'updateStatus', resource: 'deployments.apps', object, ...(isRevised ? { alsoAnnotations: true } : {}) },
  ];
}

function noteAvailability(
  { deployment }: Family,
  available: number,
  conditions: readonly DeploymentCondition[],
  now: Now,
): readonly DeploymentCondition[] {
  const enough = available >= wantedReplicas(deployment) - rolloutBounds(deployment).maxUnavailable;
  const time = formatTime(now.wallMs);
  const next: DeploymentCondition = {
    type: 'Available',
    status: enough ? 'True' : 'False',
    reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: `Deployment ${enough ? 'has' : 'does not have'} minimum availability.`,
    lastUpdateTime: time,
    lastTransitionTime: time,
  };
  return findCondition(conditions, next.type)?.status === next.status ? conditions : withCondition(conditions, next);
}

/** The failure of the current ReplicaSet, or else of an old one, is shown on the Deployment too. */
function noteReplicaFailure(
  { current, old }: Family,
  conditions: readonly DeploymentCondition[],
): readonly DeploymentCondition[] {
  const failure = [...(current === undefined ? [] : [current]), ...old]
    .map(({ status }): ReplicaSetCondition | undefined => findCondition(status?.conditions, 'ReplicaFailure'))
    .find((condition) => condition?.status === 'True');
  if (failure === undefined) return withoutCondition(conditions, 'ReplicaFailure');
  const { lastTransitionTime } = failure;
  return withCondition<DeploymentCondition>(conditions, {
    ...failure,
    ...(lastTransitionTime === undefined ? {} : { lastUpdateTime: lastTransitionTime }),
  });
}
