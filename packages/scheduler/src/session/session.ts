import type { Node, Pod } from '@berth/api';
import type { Diagnosis } from '../explain/diagnosis.ts';
import type { Explanation } from '../explain/explanation.ts';
import type { Headroom } from '../plan/headroom.ts';
import type { NodeLoss } from '../plan/node-loss.ts';
import type { RebalanceLimits, RebalancePlan } from '../plan/rebalancing.ts';
import type { DisruptionBudget } from '../preemption/disruption-budget.ts';
import type { DecisionRecord } from '../record/decision-log.ts';
import type { VolumeClaim } from '../volume/claim-table.ts';

/** Told what was decided, pod by pod, in the order of the queue. */
export interface DecisionSink {
  /**
   * The pod goes to the node; it counts as running there from now on, until the session is told otherwise. `devices` is the value
   * for the annotation `berth.dev/devices`, for pods that ask for any.
   */
  placed(uid: string, node: string, score: number, devices: string | undefined): void;
  /**
   * The pod has the promise of the node; `victims` (uids, possibly none) have to be ended for it. It is decided again when all that
   * have to go are gone, or when it fits elsewhere before.
   */
  preempting(uid: string, node: string, victims: readonly string[]): void;
  /** The pod fits nowhere now. It is tried again by itself when something changes that could help. */
  unschedulable(uid: string, refusal: Refusal): void;
}

export interface Refusal {
  /** The sentence for the event and the condition. */
  readonly message: string;
  readonly diagnosis: Diagnosis;
}

export interface SessionStats {
  readonly nodes: number;
  readonly pods: number;
  /** Waiting for a decision. */
  readonly pending: number;
  /** Fit nowhere as things are. */
  readonly parked: number;
  readonly classes: number;
  readonly counters: number;
}

/**
 * The scheduler's whole knowledge and judgement: it is fed with objects as the store has them, and asked to decide. It does no
 * I/O and knows no time; the same calls in the same order give the same decisions on every machine.
 */
export interface Session {
  upsertNode(node: Node): void;
  removeNode(name: string): void;
  /** A pod in any state: pending, bound, being deleted, done. */
  upsertPod(pod: Pod): void;
  removePod(uid: string): void;
  /** Labels that terms with a namespaceSelector read; undefined when the namespace is gone. */
  setNamespace(name: string, labels: Readonly<Record<string, string>> | undefined): void;
  upsertClaim(claim: VolumeClaim): void;
  removeClaim(namespace: string, name: string): void;
  upsertBudget(budget: DisruptionBudget): void;
  removeBudget(namespace: string, name: string): void;
  /** A binding did not come about: the pod is pending again. */
  release(uid: string): void;
  /** Whether `schedule` would have something to decide. */
  readonly hasWork: boolean;
  /** Decides on up to `limit` pods; answers on how many it did. */
  schedule(limit: number, sink: DecisionSink): number;
  /**
   * Decides on all pods that wait as one set, priority by priority: what is placed together can be packed tighter than what comes one
   * by one. For sets that are submitted at once; the order of arrival has no say.
   */
  scheduleBatch(sink: DecisionSink): number;
  /**
   * Looks again at pods that fit nowhere, and tells those for which the reasons changed, at most `limit` of them. Costs
   * more than deciding: meant for every few seconds, not for every change.
   */
  review(limit: number, sink: Pick<DecisionSink, 'unschedulable'>): number;
  /** Takes a pod that waits for placed on a node, as an earlier decision had it. False when it does not wait or there is no such node. */
  assume(uid: string, node: string): boolean;
  /** The revision of the store that all news so far add up to; kept with every decision. */
  setRevision(revision: number): void;
  /** The latest placements, oldest first. */
  decisions(fromSequence?: number): readonly DecisionRecord[];
  /** What every node is for a pod, and what would make it fit; undefined for a pod that is not known. */
  explain(uid: string): Explanation | undefined;
  /** How many more pods like this one fit now, all rules observed. */
  headroom(pod: Pod, copiesMax: number): Headroom;
  /** What would become of the pods on these nodes if the nodes were lost together. */
  nodeLoss(names: readonly string[]): NodeLoss;
  /** Which pods should run elsewhere; nothing is changed. */
  planMoves(limits: RebalanceLimits): RebalancePlan;
  stats(): SessionStats;
}
