import type { ReplicaSet, Stored } from '@berth/api';
import {
  allSets,
  type Family,
  isObserved,
  possibleSize,
  specSize,
  surelyAvailable,
  total,
  wantedReplicas,
} from './family.ts';
import { rolloutBounds } from './rollout-bounds.ts';

/** New sizes of ReplicaSets by name; one that is not named keeps its size. `current` may not exist yet. */
export interface Sizing {
  readonly current: number;
  readonly old: ReadonlyMap<string, number>;
}

/**
 * One step of a rolling update. The current set grows as far as `maxSurge` allows; when it cannot, the old ones shrink as
 * far as `maxUnavailable` allows, their unhealthy pods first. Nothing moves while a ReplicaSet has not taken note of its last
 * size: its status may then speak of pods that are promised to be deleted, or not of those about to be created.
 */
export function rollingSizes(family: Family): Sizing {
  const size = specSize(family.current);
  if (!allSets(family).every(isObserved)) return { current: size, old: new Map() };
  const current = currentSize(family);
  if (family.current !== undefined && current !== size) return { current, old: new Map() };
  return { current, old: shrinkOld(family, current) };
}

/** Size the current set may have now. Pods of a set that was shrunk but still deletes them count until they are gone. */
function currentSize(family: Family): number {
  const wanted = wantedReplicas(family.deployment);
  const size = specSize(family.current);
  if (size >= wanted) return wanted;
  const room = wanted + rolloutBounds(family.deployment).maxSurge - total(allSets(family), possibleSize);
  return size + Math.max(0, Math.min(room, wanted - size));
}

function shrinkOld(family: Family, current: number): ReadonlyMap<string, number> {
  const minAvailable = wantedReplicas(family.deployment) - rolloutBounds(family.deployment).maxUnavailable;
  const currentUnavailable = current - surelyAvailable(family.current);
  const spare = total(family.old, specSize) + current - minAvailable - currentUnavailable;
  const sizes = new Map<string, number>();
  if (spare <= 0) return sizes;
  takeUnhealthy(family.old, spare, sizes);
  takeAvailable(family, minAvailable, sizes);
  return sizes;
}

/** Pods that are not available serve nobody: they go whatever `minAvailable` says. */
function takeUnhealthy(old: readonly Stored<ReplicaSet>[], spare: number, sizes: Map<string, number>): void {
  let left = spare;
  for (const replicaSet of old) {
    const size = specSize(replicaSet);
    const cut = Math.min(left, size - surelyAvailable(replicaSet));
    if (cut <= 0) continue;
    sizes.set(replicaSet.metadata.name, size - cut);
    left -= cut;
  }
}

function takeAvailable(family: Family, minAvailable: number, sizes: Map<string, number>): void {
  let left = total(allSets(family), surelyAvailable) - minAvailable;
  for (const replicaSet of family.old) {
    const size = sizes.get(replicaSet.metadata.name) ?? specSize(replicaSet);
    const cut = Math.min(left, size);
    if (cut <= 0) continue;
    sizes.set(replicaSet.metadata.name, size - cut);
    left -= cut;
  }
}
