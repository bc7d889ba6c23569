import { type Pod, type PodCondition, parseTime, type Stored } from '@berth/api';
import { findCondition } from './conditions.ts';
import type { Now } from './controller.ts';
import { isDeleting } from './ownership.ts';

/** All containers have ended and none will start again. */
export function isFinished(pod: Stored<Pod>): boolean {
  const phase = pod.status?.phase;
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Counts for whoever asked for it: neither finished nor on its way out. */
export function isActive(pod: Stored<Pod>): boolean {
  return !isFinished(pod) && !isDeleting(pod);
}

export function readyCondition(pod: Stored<Pod>): PodCondition | undefined {
  return findCondition(pod.status?.conditions, 'Ready');
}

export function isReady(pod: Stored<Pod>): boolean {
  return readyCondition(pod)?.status === 'True';
}

/** 0: available now; more: if it stays ready, after so long; undefined: not ready. */
export function availableInMs(pod: Stored<Pod>, minReadySeconds: number, now: Now): number | undefined {
  const ready = readyCondition(pod);
  if (ready?.status !== 'True') return undefined;
  if (minReadySeconds === 0) return 0;
  const since = parseTime(ready.lastTransitionTime ?? '') ?? now.wallMs;
  return Math.max(0, since + minReadySeconds * 1000 - now.wallMs);
}
