import { type Pod, type PodCondition, parseTime, type Stored } from '@berth/api';
import { findCondition } from './conditions.ts';
import type { Now, View } from './controller.ts';
import type { NodeLossSettings } from './settings.ts';
import { toleratedMs, unreachableTaint } from './toleration.ts';

/** On pods whose node nobody hears of; written by the node lifecycle controller, read by all who count pods. */
export const disconnectedCondition = 'berth.dev/Disconnected';
export const nodeLostReason = 'NodeLost';

/** Whether whoever counts pods should count this one. */
export type Presence =
  | { readonly kind: 'present' }
  /** Disconnected, but not for long enough: it still counts for `remainingMs` (may be infinite). */
  | { readonly kind: 'waited-for'; readonly remainingMs: number }
  /** To be replaced; kept in case its node comes back. */
  | { readonly kind: 'lost' };

export function disconnection(pod: Stored<Pod>): PodCondition | undefined {
  const condition = findCondition(pod.status?.conditions, disconnectedCondition);
  return condition?.status === 'True' ? condition : undefined;
}

/**
 * The condition's time has whole seconds and another clock may have written it, so the session's monotonic time
 * decides wherever this leader has seen the session end; the condition's time, rounded up, holds when sessions flap.
 * A pod that tolerates `unreachable:NoExecute` is waited for as long as it says.
 */
export function presenceOf(pod: Stored<Pod>, view: View, now: Now, settings: NodeLossSettings): Presence {
  const condition = disconnection(pod);
  if (condition === undefined) return { kind: 'present' };
  const tolerated = toleratedMs(pod.spec.tolerations, { key: unreachableTaint, effect: 'NoExecute' });
  const session = view.nodeSession(pod.spec.nodeName ?? '');
  if (session === undefined && tolerated === undefined) return { kind: 'lost' };

  const patienceMs = tolerated ?? settings.replaceLostAfterMs;
  const sinceWallMs = parseTime(condition.lastTransitionTime ?? '') ?? now.wallMs;
  const remainingByCondition = sinceWallMs + 1_000 + patienceMs - now.wallMs;
  const remainingBySession =
    session?.connected === false
      ? session.sinceMonotonicMs + settings.nodeLossAfterMs + patienceMs - now.monotonicMs
      : Number.POSITIVE_INFINITY;
  const remainingMs = Math.min(remainingByCondition, remainingBySession);
  return remainingMs <= 0 ? { kind: 'lost' } : { kind: 'waited-for', remainingMs };
}
