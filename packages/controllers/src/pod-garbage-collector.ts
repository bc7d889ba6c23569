import { type Node, type Pod, parseTime, type Stored } from '@berth/api';
import type { AnyObject, Controller, Now, ObjectKey, Plan, View, Write } from './controller.ts';
import { compareAge, objectKey } from './object-key.ts';
import { isDeleting } from './ownership.ts';
import { disconnection } from './pod-disconnection.ts';
import { isFinished } from './pod-state.ts';
import type { ControllerSettings } from './settings.ts';
import { toleratedMs, unreachableTaint } from './toleration.ts';

type Settings = Pick<ControllerSettings, 'lostPodLifetimeMs' | 'terminatedPodsMax'>;

/** Not a pod: the number of finished pods in the whole cluster. */
const finishedPods = '*finished';

/** Deletions in one plan. */
const batch = 500;

/** Removes pods that no agent will ever remove. */
export function podGarbageCollector(settings: Settings): Controller {
  return {
    name: 'pod-garbage-collector',
    watches: [
      { resource: 'pods', keys: keysOfPod },
      { resource: 'nodes', keys: podsOfGoneNode },
    ],
    reconcile(view, key, now): Plan {
      if (key === finishedPods) return { writes: beyondThreshold(view, settings.terminatedPodsMax) };
      const pod = view.get<Stored<Pod>>('pods', key);
      return pod === undefined ? { writes: [] } : collect(pod, view, now, settings);
    },
  };
}

function keysOfPod(object: AnyObject): readonly ObjectKey[] {
  const pod = object as Stored<Pod>;
  return isFinished(pod) ? [objectKey(pod), finishedPods] : [objectKey(pod)];
}

function podsOfGoneNode({ metadata }: AnyObject, view: View): readonly ObjectKey[] {
  return view.get('nodes', metadata.name) === undefined ? view.podsOn(metadata.name).map(objectKey) : [];
}

function collect(pod: Stored<Pod>, view: View, now: Now, settings: Settings): Plan {
  // Removed already, and only held by somebody's finalizer.
  if (isDeleting(pod) && pod.metadata.deletionGracePeriodSeconds === 0) return { writes: [] };
  const nodeName = pod.spec.nodeName ?? '';
  if (nodeName === '') return { writes: isDeleting(pod) ? [removal(pod)] : [] };
  if (view.get<Stored<Node>>('nodes', nodeName) === undefined) return { writes: [removal(pod)] };
  const disconnected = disconnection(pod);
  if (disconnected === undefined) return { writes: [] };
  const tolerated = toleratedMs(pod.spec.tolerations, { key: unreachableTaint, effect: 'NoExecute' });
  if (tolerated === Number.POSITIVE_INFINITY) return { writes: [] };
  const since = parseTime(disconnected.lastTransitionTime ?? '') ?? now.wallMs;
  const remainingMs = since + Math.max(settings.lostPodLifetimeMs, tolerated ?? 0) - now.wallMs;
  return remainingMs <= 0 ? { writes: [removal(pod)] } : { writes: [], requeueAfterMs: remainingMs };
}

/** At once: there is nobody who could end its containers gracefully and say so. */
function removal(pod: Stored<Pod>): Write {
  const { uid, resourceVersion } = pod.metadata;
  return { kind: 'delete', resource: 'pods', key: objectKey(pod), uid, resourceVersion, gracePeriodSeconds: 0 };
}

function beyondThreshold(view: View, max: number): readonly Write[] {
  const finished = view.list<Stored<Pod>>('pods').filter(isFinished);
  const excess = finished.length - max;
  if (excess <= 0) return [];
  return [...finished].sort(compareAge).slice(0, Math.min(excess, batch)).map(removal);
}
