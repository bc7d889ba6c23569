import {
  type Deployment,
  type DeploymentCondition,
  type DeploymentStatus,
  labelSelectorTerms,
  matchesLabels,
  type ReplicaSet,
  type Stored,
} from '@berth/api';
import type { AnyObject, Controller, Now, ObjectKey, Plan, Refusal, View, Write } from '../controller.ts';
import { keyOf, objectKey } from '../object-key.ts';
import { controllerOf, isDeleting } from '../ownership.ts';
import { revisionOf } from './deployment-annotations.ts';
import {
  deadlineInMs,
  hasDeadline,
  isComplete,
  notePause,
  noteProgress,
  progressCondition,
  setProgress,
} from './deployment-progress.ts';
import { deploymentStatus, statusWrites } from './deployment-status.ts';
import { type ClaimedFamily, type Family, gatherFamily } from './family.ts';
import { isScalingEvent, proportionalSizes } from './proportional-scaling.ts';
import { recreationSizes } from './recreation.ts';
import { creationWrite, currentHash, nextRevision, updateWrites } from './replica-set-writes.ts';
import { cleanupWrites } from './revision-history.ts';
import { rollingSizes, type Sizing } from './rolling-update.ts';
import { isRollingUpdate } from './rollout-bounds.ts';

const deployments = 'deployments.apps';
const replicaSets = 'replicasets.apps';

/** Moves pods from one template to the next by sizing one ReplicaSet per template. */
export const deploymentController: Controller = {
  name: 'deployment',
  watches: [
    { resource: deployments, keys: (object) => [objectKey(object)] },
    { resource: replicaSets, keys: deploymentsOfReplicaSet },
    { resource: 'pods', keys: recreatingDeploymentOfPod },
  ],
  reconcile(view, key, now): Plan {
    const deployment = view.get<Stored<Deployment>>(deployments, key);
    if (deployment === undefined) return { writes: [] };
    const family = gatherFamily(view, deployment);
    if (isDeleting(deployment)) return withoutRollout(family, { sized: [], cleaned: [] }, now);
    if (deployment.spec.paused === true || isScalingEvent(family)) {
      const sized = updateWrites(family, proportionalSizes(family));
      return withoutRollout(family, { sized, cleaned: deployment.spec.paused ? cleanupWrites(family) : [] }, now);
    }
    return rollout(family, view, now);
  },
  refused(view, key, now, refusal): Plan {
    const deployment = view.get<Stored<Deployment>>(deployments, key);
    return deployment === undefined ? { writes: [] } : creationRefused(gatherFamily(view, deployment), now, refusal);
  },
};

/** Pausing and scaling size what exists; a new template waits. */
function withoutRollout(
  family: ClaimedFamily,
  { sized, cleaned }: { readonly sized: readonly Write[]; readonly cleaned: readonly Write[] },
  now: Now,
): Plan {
  const conditions = notePause(family, family.deployment.status?.conditions ?? [], now);
  const status = deploymentStatus(family, conditions, now);
  return {
    writes: [
      ...family.claims,
      ...sized,
      ...cleaned,
      ...statusWrites(family, status, family.current === undefined ? undefined : currentRevision(family)),
    ],
  };
}

function rollout(family: ClaimedFamily, view: View, now: Now): Plan {
  const { deployment, current } = family;
  const sizing = isRollingUpdate(deployment) ? rollingSizes(family) : recreationSizes(family, view);
  // While a recreation waits for old pods to end, the current set keeps its size, and is not made if it does not exist.
  const kept: Sizing = { current: current?.spec.replicas ?? 0, old: new Map() };
  const created =
    current === undefined && sizing !== undefined && (isRollingUpdate(deployment) || sizing.old.size === 0);
  if (created && nameIsTaken(family, view)) return afterCollision(family);

  let conditions = notePause(family, deployment.status?.conditions ?? [], now);
  if (created || current !== undefined) conditions = noteCurrentSet(family, conditions, now);
  const status = deploymentStatus(family, conditions, now);
  const finished: DeploymentStatus = { ...status, conditions: noteProgress(family, status, now) };
  const deadline = deadlineInMs(family, finished.conditions ?? [], now);
  return {
    writes: [
      ...family.claims,
      ...(created ? [creationWrite(family, sizing.current)] : []),
      ...updateWrites(family, sizing ?? kept),
      ...(isComplete(family, deployment.status ?? {}) ? cleanupWrites(family) : []),
      ...statusWrites(family, finished, created || current !== undefined ? currentRevision(family) : undefined),
    ],
    // Times have whole seconds: one more, so that the deadline has passed when we look again.
    ...(deadline === undefined ? {} : { requeueAfterMs: Math.max(0, deadline) + 1_000 }),
  };
}

function currentRevision(family: Family): number {
  return Math.max(nextRevision(family), family.current === undefined ? 0 : revisionOf(family.current));
}

function noteCurrentSet(
  family: Family,
  conditions: readonly DeploymentCondition[],
  now: Now,
): readonly DeploymentCondition[] {
  const { deployment, current } = family;
  if (!hasDeadline(deployment)) return conditions;
  if (current === undefined) {
    const message = `Created new replica set "${deployment.metadata.name}-${currentHash(family)}"`;
    return setProgress(conditions, progressCondition('True', 'NewReplicaSetCreated', message, now));
  }
  if (conditions.some(({ type }) => type === 'Progressing')) return conditions;
  const message = `Found new replica set "${current.metadata.name}"`;
  return setProgress(conditions, progressCondition('True', 'FoundNewReplicaSet', message, now));
}

/** Somebody else's ReplicaSet, or one of ours with another template, has the name that the hash gives. */
function nameIsTaken(family: Family, view: View): boolean {
  const { namespace, name } = family.deployment.metadata;
  return view.get(replicaSets, keyOf(namespace, `${name}-${currentHash(family)}`)) !== undefined;
}

function afterCollision(family: ClaimedFamily): Plan {
  const { status } = family.deployment;
  const next = { ...status, collisionCount: (status?.collisionCount ?? 0) + 1 };
  return { writes: [...family.claims, ...statusWrites(family, next)] };
}

function creationRefused(family: Family, now: Now, { write, message }: Refusal): Plan {
  if (write.kind !== 'create') return { writes: [] };
  const text = `Failed to create new replica set "${write.object.metadata.name}": ${message}`;
  const failed = progressCondition('False', 'ReplicaSetCreateError', text, now);
  const conditions = family.deployment.status?.conditions ?? [];
  const status = deploymentStatus(family, setProgress(conditions, failed), now);
  return {
    writes: [
      ...statusWrites(family, status),
      { kind: 'event', about: family.deployment, type: 'Warning', reason: 'ReplicaSetCreateError', message: text },
    ],
  };
}

/** The Deployment that controls a ReplicaSet, or all that would like to adopt it. */
function deploymentsOfReplicaSet(replicaSet: AnyObject, view: View): readonly ObjectKey[] {
  const { namespace, labels } = replicaSet.metadata;
  const controller = controllerOf(replicaSet);
  if (controller !== undefined) return controller.kind === 'Deployment' ? [keyOf(namespace, controller.name)] : [];
  return view
    .list<Stored<Deployment>>(deployments, namespace)
    .filter(({ spec }) => matchesLabels(labelSelectorTerms(spec.selector), labels))
    .map(objectKey);
}

/** A recreation goes on when the last old pod is gone. */
function recreatingDeploymentOfPod(pod: AnyObject, view: View): readonly ObjectKey[] {
  const { namespace } = pod.metadata;
  const replicaSet = view.get<Stored<ReplicaSet>>(replicaSets, keyOf(namespace, controllerOf(pod)?.name ?? ''));
  if (replicaSet === undefined) return [];
  return deploymentsOfReplicaSet(replicaSet, view).filter((key) => {
    const deployment = view.get<Stored<Deployment>>(deployments, key);
    return deployment !== undefined && !isRollingUpdate(deployment);
  });
}
