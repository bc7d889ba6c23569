import type { Deployment, PodTemplateSpec, ReplicaSet, Stored } from '@berth/api';
import { type Claims, claimDependents } from '../claim.ts';
import type { View, Write } from '../controller.ts';
import { compareAge } from '../object-key.ts';
import { sameValue } from '../sameness.ts';

export const templateHashLabel = 'pod-template-hash';

/** A Deployment and its ReplicaSets. */
export interface Family {
  readonly deployment: Stored<Deployment>;
  /** With the template that the Deployment has now; undefined before it is made. */
  readonly current: Stored<ReplicaSet> | undefined;
  /** All others, oldest first. */
  readonly old: readonly Stored<ReplicaSet>[];
}

export interface ClaimedFamily extends Family {
  readonly claims: readonly Write[];
}

export function gatherFamily(view: View, deployment: Stored<Deployment>): ClaimedFamily {
  const { owned, writes }: Claims<Stored<ReplicaSet>> = claimDependents(
    view,
    deployment,
    'replicasets.apps',
    deployment.spec.selector,
  );
  const byAge = [...owned].sort(compareAge);
  const current = byAge.find(({ spec }) => sameTemplate(spec.template, deployment.spec.template));
  return { deployment, current, old: byAge.filter((replicaSet) => replicaSet !== current), claims: writes };
}

export function allSets({ current, old }: Family): readonly Stored<ReplicaSet>[] {
  return current === undefined ? old : [...old, current];
}

/** Equal but for the hash label, which the Deployment's own template does not carry. */
function sameTemplate(left: PodTemplateSpec | undefined, right: PodTemplateSpec | undefined): boolean {
  return sameValue(comparable(left), comparable(right));
}

function comparable(template: PodTemplateSpec | undefined): unknown {
  const { labels, annotations, creationTimestamp: _dropped, ...metadata } = template?.metadata ?? {};
  const { [templateHashLabel]: _hash, ...otherLabels } = labels ?? {};
  return { spec: template?.spec, metadata: { ...metadata, labels: otherLabels, annotations: annotations ?? {} } };
}

export function wantedReplicas(deployment: Stored<Deployment>): number {
  return deployment.spec.replicas ?? 1;
}

export function specSize(replicaSet: Stored<ReplicaSet> | undefined): number {
  return replicaSet?.spec.replicas ?? 0;
}

/** Its loop has seen the size it was given last; all pods made for an earlier size are in its status. */
export function isObserved({ metadata, status }: Stored<ReplicaSet>): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
}

/** What certainly stays available: pods beyond the wanted size are already promised to be deleted. */
export function surelyAvailable(replicaSet: Stored<ReplicaSet> | undefined): number {
  return Math.min(replicaSet?.status?.availableReplicas ?? 0, specSize(replicaSet));
}

/** Pods that may exist: those wanted, or those still there of a larger size before. */
export function possibleSize(replicaSet: Stored<ReplicaSet> | undefined): number {
  return Math.max(specSize(replicaSet), replicaSet?.status?.replicas ?? 0);
}

export function total(
  replicaSets: readonly Stored<ReplicaSet>[],
  measure: (replicaSet: Stored<ReplicaSet>) => number,
): number {
  return replicaSets.reduce((sum, replicaSet) => sum + measure(replicaSet), 0);
}
