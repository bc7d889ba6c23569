import type { Write } from '../controller.ts';
import { objectKey } from '../object-key.ts';
import { isDeleting } from '../ownership.ts';
import { revisionOf } from './deployment-annotations.ts';
import { type Family, isObserved, specSize } from './family.ts';

/** Deletes the oldest ReplicaSets beyond `revisionHistoryLimit`; one that still has pods, or may get some, is kept. */
export function cleanupWrites({ deployment, old }: Family): readonly Write[] {
  const limit = deployment.spec.revisionHistoryLimit;
  if (limit === undefined) return [];
  const candidates = old.filter((replicaSet) => !isDeleting(replicaSet));
  const excess = candidates.length - limit;
  if (excess <= 0) return [];
  return [...candidates]
    .sort((left, right) => revisionOf(left) - revisionOf(right))
    .slice(0, excess)
    .filter(
      (replicaSet) => specSize(replicaSet) === 0 && (replicaSet.status?.replicas ?? 0) === 0 && isObserved(replicaSet),
    )
    .map((replicaSet) => ({
      kind: 'delete',
      resource: 'replicasets.apps',
      key: objectKey(replicaSet),
      uid: replicaSet.metadata.uid,
      resourceVersion: replicaSet.metadata.resourceVersion,
    }));
}
