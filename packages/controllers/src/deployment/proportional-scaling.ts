import type { ReplicaSet, Stored } from '@berth/api';
import { compareAge } from '../object-key.ts';
import { desiredReplicas, maxReplicas } from './deployment-annotations.ts';
import { allSets, type Family, specSize, total, wantedReplicas } from './family.ts';
import type { Sizing } from './rolling-update.ts';
import { isRollingUpdate, rolloutBounds } from './rollout-bounds.ts';

/** Whether `spec.replicas` changed since the ReplicaSets were sized. */
export function isScalingEvent(family: Family): boolean {
  return allSets(family).some((replicaSet) => {
    const desired = specSize(replicaSet) > 0 ? desiredReplicas(replicaSet) : undefined;
    return desired !== undefined && desired !== wantedReplicas(family.deployment);
  });
}

/**
 * Sizes after `kubectl scale`. With one living ReplicaSet it takes all; in the middle of a rollout each takes its share, so
 * that the risk stays where it was; the largest takes what rounding leaves.
 */
export function proportionalSizes(family: Family): Sizing {
  const wanted = wantedReplicas(family.deployment);
  const kept: Sizing = { current: specSize(family.current), old: new Map() };
  const only = onlyLiving(family);
  if (only !== undefined) return sized(family, kept, new Map([[only.metadata.name, wanted]]));
  if (isSaturated(family) || !isRollingUpdate(family.deployment)) {
    return { ...kept, old: new Map(living(family.old).map(({ metadata }) => [metadata.name, 0])) };
  }
  return sized(family, kept, shares(family));
}

function shares(family: Family): ReadonlyMap<string, number> {
  const wanted = wantedReplicas(family.deployment);
  const sets = living(allSets(family));
  const allowed = wanted > 0 ? wanted + rolloutBounds(family.deployment).maxSurge : 0;
  const toAdd = allowed - total(sets, specSize);
  const order = [...sets].sort(
    (left, right) =>
      specSize(right) - specSize(left) || (toAdd > 0 ? compareAge(right, left) : compareAge(left, right)),
  );
  let added = 0;
  const sizes = new Map<string, number>();
  for (const replicaSet of order) {
    const left = toAdd - added;
    const fraction = fractionOf(replicaSet, family);
    const share = toAdd > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
    const change = toAdd === 0 || left === 0 ? 0 : share;
    sizes.set(replicaSet.metadata.name, specSize(replicaSet) + change);
    added += change;
  }
  const largest = order[0]?.metadata.name;
  if (largest !== undefined) sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + toAdd - added));
  return sizes;
}

function fractionOf(replicaSet: Stored<ReplicaSet>, { deployment }: Family): number {
  const size = specSize(replicaSet);
  const wanted = wantedReplicas(deployment);
  if (wanted === 0) return -size;
  const maxNow = wanted + rolloutBounds(deployment).maxSurge;
  const maxBefore = maxReplicas(replicaSet) ?? deployment.status?.replicas ?? 0;
  return maxBefore === 0 ? 0 : Math.round((size * maxNow) / maxBefore) - size;
}

function living(replicaSets: readonly Stored<ReplicaSet>[]): readonly Stored<ReplicaSet>[] {
  return replicaSets.filter((replicaSet) => specSize(replicaSet) > 0);
}

/** The one set that has pods; if none has, the one that would get them. */
function onlyLiving(family: Family): Stored<ReplicaSet> | undefined {
  const sets = living(allSets(family));
  if (sets.length === 0) return family.current ?? family.old.at(-1);
  return sets.length === 1 ? sets[0] : undefined;
}

/** The rollout is through but for the deletion of what is old. */
function isSaturated({ current, deployment }: Family): boolean {
  const wanted = wantedReplicas(deployment);
  return (
    current !== undefined &&
    desiredReplicas(current) === wanted &&
    specSize(current) === wanted &&
    current.status?.availableReplicas === wanted
  );
}

function sized(family: Family, kept: Sizing, sizes: ReadonlyMap<string, number>): Sizing {
  const name = family.current?.metadata.name ?? '';
  return {
    current: sizes.get(name) ?? kept.current,
    old: new Map([...sizes].filter(([other]) => other !== name)),
  };
}
