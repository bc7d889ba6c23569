import { podTemplateHash, type ReplicaSet, type Stored } from '@berth/api';
import type { EventDraft, NewObject, Write } from '../controller.ts';
import { controllerReference } from '../ownership.ts';
import { sameValue } from '../sameness.ts';
import { currentAnnotations, revisionOf, withSizes } from './deployment-annotations.ts';
import { type Family, specSize, templateHashLabel, wantedReplicas } from './family.ts';
import type { Sizing } from './rolling-update.ts';
import { rolloutBounds } from './rollout-bounds.ts';

const replicaSets = 'replicasets.apps';

/** One above all old ReplicaSets, so that a rollback makes an old one the newest again. */
export function nextRevision({ old }: Family): number {
  return Math.max(0, ...old.map(revisionOf)) + 1;
}

/** The name of the current ReplicaSet, and the label that keeps its pods apart from those of its siblings. */
export function currentHash({ deployment }: Family): string {
  return podTemplateHash(deployment.spec.template, deployment.status?.collisionCount);
}

/** Creates the current ReplicaSet at its first size. */
export function creationWrite(family: Family, replicas: number): Write {
  const { deployment } = family;
  const hash = currentHash(family);
  const { spec, metadata } = deployment.spec.template;
  const labels = { ...metadata?.labels, [templateHashLabel]: hash };
  const { minReadySeconds, selector } = deployment.spec;
  const name = `${deployment.metadata.name}-${hash}`;
  const annotations = sizeAnnotations(family, currentAnnotations(undefined, deployment.metadata, nextRevision(family)));
  const object: NewObject & Pick<ReplicaSet, 'spec'> = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      namespace: deployment.metadata.namespace ?? '',
      labels,
      annotations,
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [templateHashLabel]: hash } },
      template: { metadata: { ...metadata, labels }, ...(spec === undefined ? {} : { spec }) },
    },
  };
  const scaled = replicas > 0 ? { event: scalingEvent(family, name, 0, replicas) } : {};
  return { kind: 'create', resource: replicaSets, object, ...scaled };
}

/** Brings the existing ReplicaSets to their sizes and the current one to its revision. */
export function updateWrites(family: Family, sizing: Sizing): readonly Write[] {
  const writes = family.old.flatMap((replicaSet) => {
    const size = sizing.old.get(replicaSet.metadata.name);
    return size === undefined ? [] : update(family, replicaSet, resized(family, replicaSet, size));
  });
  const { current, deployment } = family;
  if (current === undefined) return writes;
  const revised: Stored<ReplicaSet> = {
    ...current,
    metadata: {
      ...current.metadata,
      annotations: currentAnnotations(current.metadata.annotations, deployment.metadata, nextRevision(family)),
    },
    spec: withMinReady(current.spec, deployment.spec.minReadySeconds ?? 0),
  };
  return [...update(family, current, resized(family, revised, sizing.current)), ...writes];
}

function withMinReady(spec: ReplicaSet['spec'], minReadySeconds: number): ReplicaSet['spec'] {
  return (spec.minReadySeconds ?? 0) === minReadySeconds ? spec : { ...spec, minReadySeconds };
}

function resized(family: Family, replicaSet: Stored<ReplicaSet>, replicas: number): Stored<ReplicaSet> {
  return {
    ...replicaSet,
    metadata: { ...replicaSet.metadata, annotations: sizeAnnotations(family, replicaSet.metadata.annotations) },
    spec: { ...replicaSet.spec, replicas },
  };
}

function sizeAnnotations(
  { deployment }: Family,
  annotations: ReplicaSet['metadata']['annotations'],
): Readonly<Record<string, string>> {
  const wanted = wantedReplicas(deployment);
  return withSizes(annotations, wanted, wanted + rolloutBounds(deployment).maxSurge);
}

function update(family: Family, before: Stored<ReplicaSet>, object: Stored<ReplicaSet>): readonly Write[] {
  if (sameValue(before, object)) return [];
  const from = specSize(before);
  const to = specSize(object);
  const scaled = from === to ? {} : { event: scalingEvent(family, before.metadata.name, from, to) };
  return [{ kind: 'update', resource: replicaSets, object, ...scaled }];
}

function scalingEvent({ deployment }: Family, name: string, from: number, to: number): EventDraft {
  return {
    about: deployment,
    type: 'Normal',
    reason: 'ScalingReplicaSet',
    message: `Scaled ${to > from ? 'up' : 'down'} replica set ${name} from ${from} to ${to}`,
  };
}
