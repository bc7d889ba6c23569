import type { Pod, ReplicaSet, Stored } from '@berth/api';
import type { Now, View } from '../controller.ts';
import { presenceOf } from '../pod-disconnection.ts';
import { availableInMs, isActive, isReady } from '../pod-state.ts';
import type { NodeLossSettings } from '../settings.ts';
import { replacedPod } from './replacement.ts';

/** A pod that counts, with what ranks it for deletion. */
export interface CountedPod {
  readonly pod: Stored<Pod>;
  readonly ready: boolean;
  readonly available: boolean;
  readonly disconnected: boolean;
}

/** The pods of a ReplicaSet, sorted by what they mean for its count. */
export interface Census {
  readonly counted: readonly CountedPod[];
  /** On nodes that are lost: no longer counted, replaced, and kept in case they come back. */
  readonly lost: readonly Stored<Pod>[];
  /** When the next pod changes its class by the mere passing of time; undefined: none does. */
  readonly changesInMs: number | undefined;
}

export function takeCensus(
  replicaSet: Stored<ReplicaSet>,
  pods: readonly Stored<Pod>[],
  view: View,
  now: Now,
  settings: NodeLossSettings,
): Census {
  const minReadySeconds = replicaSet.spec.minReadySeconds ?? 0;
  // A pod that has been replaced stays lost until its mark is taken away, however its node's sessions come and go.
  const replaced = new Set(pods.filter(isActive).map(replacedPod));
  const counted: CountedPod[] = [];
  const lost: Stored<Pod>[] = [];
  let changesInMs = Number.POSITIVE_INFINITY;
  for (const pod of pods) {
    if (!isActive(pod)) continue;
    const presence = presenceOf(pod, view, now, settings);
    if (presence.kind === 'lost' || (presence.kind === 'waited-for' && replaced.has(pod.metadata.name))) {
      lost.push(pod);
      continue;
    }
    if (presence.kind === 'waited-for') changesInMs = Math.min(changesInMs, presence.remainingMs);
    const availableIn = availableInMs(pod, minReadySeconds, now);
    if (availableIn !== undefined && availableIn > 0) changesInMs = Math.min(changesInMs, availableIn);
    counted.push({
      pod,
      ready: isReady(pod),
      available: availableIn === 0,
      disconnected: presence.kind === 'waited-for',
    });
  }
  return { counted, lost, changesInMs: Number.isFinite(changesInMs) ? changesInMs : undefined };
}
