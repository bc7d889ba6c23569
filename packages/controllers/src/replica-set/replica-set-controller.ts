import { labelSelectorTerms, matchesLabels, type Pod, type ReplicaSet, type Stored } from '@berth/api';
import { claimDependents } from '../claim.ts';
import type { AnyObject, Controller, NewObject, ObjectKey, Plan, View, Write } from '../controller.ts';
import { keyOf, objectKey } from '../object-key.ts';
import { controllerOf, controllerReference, isDeleting } from '../ownership.ts';
import { isReady } from '../pod-state.ts';
import type { NodeLossSettings } from '../settings.ts';
import { rankForDeletion } from './deletion-rank.ts';
import { markReplacement, unreplaced } from './replacement.ts';
import { type Census, type CountedPod, takeCensus } from './replica-set-census.ts';
import { remainingConditions, replicaSetStatus, statusWrites, withFailure } from './replica-set-status.ts';

const replicaSets = 'replicasets.apps';

/** Creations or deletions in one plan; the rest follows in the next. */
const burst = 500;

/** Keeps as many pods of a template alive as `spec.replicas` says. */
export function replicaSetController(settings: NodeLossSettings): Controller {
  const censusOf = (
    view: View,
    replicaSet: Stored<ReplicaSet>,
    pods: readonly Stored<Pod>[],
    now: Parameters<Controller['reconcile']>[2],
  ): Census => takeCensus(replicaSet, pods, view, now, settings);
  return {
    name: 'replica-set',
    watches: [
      { resource: replicaSets, keys: (object) => [objectKey(object)] },
      { resource: 'pods', keys: replicaSetsOfPod },
    ],
    reconcile(view, key, now): Plan {
      const replicaSet = view.get<Stored<ReplicaSet>>(replicaSets, key);
      if (replicaSet === undefined) return { writes: [] };
      const claims = claimDependents<Stored<Pod>>(view, replicaSet, 'pods', replicaSet.spec.selector);
      const census = censusOf(view, replicaSet, claims.owned, now);
      const scaling = isDeleting(replicaSet) ? [] : scalingWrites(replicaSet, census);
      const status = replicaSetStatus(replicaSet, census, remainingConditions(replicaSet, scaling.length === 0));
      return {
        writes: [...claims.writes, ...scaling, ...statusWrites(replicaSet, status)],
        ...(census.changesInMs === undefined ? {} : { requeueAfterMs: census.changesInMs }),
      };
    },
    refused(view, key, now, refusal): Plan {
      const replicaSet = view.get<Stored<ReplicaSet>>(replicaSets, key);
      const { write } = refusal;
      if (replicaSet === undefined || (write.kind !== 'create' && write.kind !== 'delete')) return { writes: [] };
      const census = censusOf(view, replicaSet, view.ownedBy('pods', replicaSet.metadata.uid), now);
      const status = replicaSetStatus(replicaSet, census, withFailure(replicaSet, refusal, now));
      const verb = write.kind === 'create' ? 'creating' : 'deleting';
      return {
        writes: [
          ...statusWrites(replicaSet, status),
          {
            kind: 'event',
            about: replicaSet,
            type: 'Warning',
            reason: write.kind === 'create' ? 'FailedCreate' : 'FailedDelete',
            message: `Error ${verb}: ${refusal.message}`,
          },
        ],
      };
    },
  };
}

/** The ReplicaSet that controls a pod, or all that would like to adopt it. */
function replicaSetsOfPod(pod: AnyObject, view: View): readonly ObjectKey[] {
  const { namespace } = pod.metadata;
  const controller = controllerOf(pod);
  if (controller !== undefined) return controller.kind === 'ReplicaSet' ? [keyOf(namespace, controller.name)] : [];
  return view
    .list<Stored<ReplicaSet>>(replicaSets, namespace)
    .filter(({ spec }) => matchesLabels(labelSelectorTerms(spec.selector), pod.metadata.labels))
    .map(objectKey);
}

function scalingWrites(replicaSet: Stored<ReplicaSet>, census: Census): readonly Write[] {
  const wanted = replicaSet.spec.replicas ?? 1;
  const missing = wanted - census.counted.length;
  if (missing > 0) {
    const living = census.counted.map(({ pod }) => pod);
    const originals = unreplaced(census.lost, living);
    return Array.from({ length: Math.min(missing, burst) }, (_, at) => creation(replicaSet, originals[at]));
  }
  const lost = census.lost.map((pod) => ({ pod, ready: isReady(pod), available: false, disconnected: true }));
  const surplus = leastMissed(census.counted, -missing);
  const hopeless = leastMissed(lost, lost.length - wanted);
  return [...surplus, ...hopeless].slice(0, burst).map(({ pod }) => deletion(replicaSet, pod));
}

/** The `count` pods that are missed least. */
function leastMissed(pods: readonly CountedPod[], count: number): readonly CountedPod[] {
  return count <= 0 ? [] : rankForDeletion(pods).slice(0, count);
}

function creation(replicaSet: Stored<ReplicaSet>, original: string | undefined): Write {
  const { template } = replicaSet.spec;
  const { labels, annotations, finalizers } = template?.metadata ?? {};
  const pod: NewObject & { readonly spec: unknown } = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: markReplacement(
      {
        generateName: `${replicaSet.metadata.name}-`,
        namespace: replicaSet.metadata.namespace ?? '',
        ...(labels === undefined ? {} : { labels }),
        ...(annotations === undefined ? {} : { annotations }),
        ...(finalizers === undefined ? {} : { finalizers }),
        ownerReferences: [controllerReference(replicaSet)],
      },
      original,
    ),
    spec: template?.spec,
  };
  return {
    kind: 'create',
    resource: 'pods',
    object: pod,
    event: { about: replicaSet, type: 'Normal', reason: 'SuccessfulCreate', message: 'Created pod: {name}' },
  };
}

/** Conditional on the very state it was ranked by: a pod that has just become ready is not deleted by mistake. */
function deletion(replicaSet: Stored<ReplicaSet>, { metadata }: Stored<Pod>): Write {
  return {
    kind: 'delete',
    resource: 'pods',
    key: keyOf(metadata.namespace, metadata.name),
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    event: {
      about: replicaSet,
      type: 'Normal',
      reason: 'SuccessfulDelete',
      message: `Deleted pod: ${metadata.name}`,
    },
  };
}
