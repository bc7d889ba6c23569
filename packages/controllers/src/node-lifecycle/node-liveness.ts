import { formatTime, type Node, type NodeCondition, type Stored } from '@berth/api';
import { findCondition, withCondition } from '../conditions.ts';
import type { Now, View } from '../controller.ts';
import type { NodeLossSettings } from '../settings.ts';

/** What the servers' sessions say of a node. */
export type Liveness =
  | { readonly kind: 'connected'; readonly connectedForMs: number }
  /** Silent, but not for long enough to be judged. */
  | { readonly kind: 'silent'; readonly judgedInMs: number }
  | { readonly kind: 'lost'; readonly silentForMs: number };

/** How long the gateway has to write `Ready` itself after a session begins. */
const gatewayWritesWithinMs = 1_000;

/** A leader that is new, or stood still, has heard of nobody yet: every node has `newLeaderGraceMs` to report to it. */
export function livenessOf(nodeName: string, view: View, now: Now, settings: NodeLossSettings): Liveness {
  const session = view.nodeSession(nodeName);
  if (session?.connected === true) {
    return { kind: 'connected', connectedForMs: now.monotonicMs - session.sinceMonotonicMs };
  }
  const graceEndsMs = now.hearingSinceMonotonicMs + settings.newLeaderGraceMs;
  const judgedAtMs =
    session === undefined ? graceEndsMs : Math.max(graceEndsMs, session.sinceMonotonicMs + settings.nodeLossAfterMs);
  if (now.monotonicMs < judgedAtMs) return { kind: 'silent', judgedInMs: judgedAtMs - now.monotonicMs };
  return { kind: 'lost', silentForMs: now.monotonicMs - (session?.sinceMonotonicMs ?? now.hearingSinceMonotonicMs) };
}

/** The node's conditions once it is lost; the same ones when that is written down already. */
export function lostConditions(node: Stored<Node>, silentForMs: number, now: Now): readonly NodeCondition[] {
  const conditions = node.status?.conditions ?? [];
  const ready = findCondition(conditions, 'Ready');
  if (ready?.status === 'Unknown') return conditions;
  const never = ready === undefined;
  const since = formatTime(now.wallMs - silentForMs);
  return withCondition<NodeCondition>(conditions, {
    ...ready,
    type: 'Ready',
    status: 'Unknown',
    reason: never ? 'NodeStatusNeverUpdated' : 'NodeStatusUnknown',
    message: never ? "the node's agent never reported" : `the node's agent has not been heard of since ${since}`,
    lastTransitionTime: formatTime(now.wallMs),
  });
}

/** A connected node that still counts as lost: when to look whether the gateway has written what the agent says. */
export function returnCheckInMs(node: Stored<Node>, connectedForMs: number): number | undefined {
  if (findCondition(node.status?.conditions, 'Ready')?.status !== 'Unknown') return undefined;
  return Math.max(0, gatewayWritesWithinMs - connectedForMs);
}

/**
 * The gateway writes `Ready` when an agent opens a session. Should that write have come before the loss was written
 * down (two servers, one node), nobody else would take the loss back.
 */
export function returnedConditions(node: Stored<Node>, connectedForMs: number, now: Now): readonly NodeCondition[] {
  const conditions = node.status?.conditions ?? [];
  const ready = findCondition(conditions, 'Ready');
  if (returnCheckInMs(node, connectedForMs) !== 0) return conditions;
  return withCondition<NodeCondition>(conditions, {
    ...ready,
    type: 'Ready',
    status: 'True',
    reason: 'AgentReady',
    message: "the node's agent is connected",
    lastTransitionTime: formatTime(now.wallMs),
  });
}
