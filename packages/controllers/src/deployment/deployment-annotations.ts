import type { ObjectMeta, ReplicaSet, Stored } from '@berth/api';

/** What `kubectl rollout history` and `undo` read. */
const revisionAnnotation = 'deployment.kubernetes.io/revision';
const revisionHistoryAnnotation = 'deployment.kubernetes.io/revision-history';
const desiredReplicasAnnotation = 'deployment.kubernetes.io/desired-replicas';
const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas';

/** Annotations of a Deployment that say nothing about its ReplicaSets. */
const notCopied: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
]);

const historyLengthMax = 2_000;

type Annotations = Readonly<Record<string, string>>;

/** 0 when there is none. */
export function revisionOf({ metadata }: { readonly metadata: ObjectMeta }): number {
  return wholeNumber(metadata.annotations?.[revisionAnnotation]) ?? 0;
}

export function desiredReplicas(replicaSet: Stored<ReplicaSet>): number | undefined {
  return wholeNumber(replicaSet.metadata.annotations?.[desiredReplicasAnnotation]);
}

export function maxReplicas(replicaSet: Stored<ReplicaSet>): number | undefined {
  return wholeNumber(replicaSet.metadata.annotations?.[maxReplicasAnnotation]);
}

export function withRevision(annotations: Annotations | undefined, revision: number): Annotations {
  return { ...annotations, [revisionAnnotation]: String(revision) };
}

/** How large the Deployment was when the ReplicaSet was last sized; tells a later scaling what the proportions were. */
export function withSizes(annotations: Annotations | undefined, desired: number, max: number): Annotations {
  return { ...annotations, [desiredReplicasAnnotation]: String(desired), [maxReplicasAnnotation]: String(max) };
}

/**
 * Annotations of the current ReplicaSet: those of its Deployment, the revision (which only grows: a rollback raises an old
 * ReplicaSet's), and the revisions it had before, the oldest dropped when the list grows too long.
 */
export function currentAnnotations(
  before: Annotations | undefined,
  deployment: ObjectMeta,
  revision: number,
): Annotations {
  const copied = Object.entries(deployment.annotations ?? {}).filter(([key]) => !notCopied.has(key));
  const annotations = { ...before, ...Object.fromEntries(copied) };
  const previous = wholeNumber(before?.[revisionAnnotation]);
  if (previous !== undefined && previous >= revision) return annotations;
  const raised = withRevision(annotations, revision);
  if (previous === undefined) return raised;
  return { ...raised, [revisionHistoryAnnotation]: extendHistory(before?.[revisionHistoryAnnotation], previous) };
}

function extendHistory(history: string | undefined, revision: number): string {
  const revisions = [...(history ?? '').split(',').filter((text) => text !== ''), String(revision)];
  while (revisions.length > 1 && revisions.join(',').length > historyLengthMax) revisions.shift();
  return revisions.join(',');
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}
