import type { DecisionSink, Refusal, Session } from '../src/index.ts';

/** What a session decided, as a test likes to read it. */
export interface Decisions {
  /** Node by uid of the pod. */
  readonly placed: Map<string, string>;
  /** Refusal by uid of the pod. */
  readonly refused: Map<string, Refusal>;
  /** Promised node and the pods that have to go, by uid of the pod. */
  readonly promised: Map<string, { readonly node: string; readonly victims: readonly string[] }>;
  /** In the order in which they were decided. */
  readonly order: string[];
}

export function decide(session: Session, limit = 1_000_000): Decisions {
  const decisions: Decisions = { placed: new Map(), refused: new Map(), promised: new Map(), order: [] };
  const sink: DecisionSink = {
    placed(uid, node) {
      decisions.placed.set(uid, node);
      decisions.order.push(uid);
    },
    preempting(uid, node, victims) {
      decisions.promised.set(uid, { node, victims });
      decisions.order.push(uid);
    },
    unschedulable(uid, refusal) {
      decisions.refused.set(uid, refusal);
      decisions.order.push(uid);
    },
  };
  session.schedule(limit, sink);
  return decisions;
}
