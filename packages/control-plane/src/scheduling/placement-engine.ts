import type { Node, Pod } from '@berth/api';
import type { DisruptionBudget, Strategy } from '@berth/scheduler';

/** News for the scheduler. Plain data: it crosses a thread. */
export type ClusterChange =
  | { readonly kind: 'node'; readonly node: Node }
  | { readonly kind: 'node-gone'; readonly name: string }
  | { readonly kind: 'pod'; readonly pod: Pod }
  | { readonly kind: 'pod-gone'; readonly uid: string }
  | { readonly kind: 'namespace'; readonly name: string; readonly labels: Readonly<Record<string, string>> }
  | { readonly kind: 'namespace-gone'; readonly name: string }
  | { readonly kind: 'budget'; readonly budget: DisruptionBudget }
  | { readonly kind: 'budget-gone'; readonly namespace: string; readonly name: string }
  /** The binding of a placed pod did not come about. */
  | { readonly kind: 'released'; readonly uid: string };

/** One hand-over: the news are taken in first, then pods are decided on, then old refusals are looked at again. */
export interface StepRequest {
  readonly changes: readonly ClusterChange[];
  /** Pods to decide on, at most. */
  readonly decisions: number;
  /** Pods to tell new reasons why they fit nowhere, at most. */
  readonly reviews: number;
}

export interface Placement {
  readonly uid: string;
  readonly node: string;
  /** Of pods that ask for devices: which ones, as `devicesAnnotation` says it. */
  readonly devices?: string;
}

export interface Refused {
  readonly uid: string;
  /** The sentence for event and condition. */
  readonly message: string;
}

/** A pod has the promise of a node where others have to be ended first. */
export interface Preempting {
  readonly uid: string;
  readonly node: string;
  /** Uids. */
  readonly victims: readonly string[];
}

export interface EngineAnswer {
  readonly placed: readonly Placement[];
  readonly preempting: readonly Preempting[];
  readonly refused: readonly Refused[];
  /** Objects that could not be understood and were left out. */
  readonly faults: readonly string[];
  /** Whether there is more to decide. */
  readonly hasWork: boolean;
  /** Pods waiting for a decision, and pods that fit nowhere. */
  readonly pending: number;
  readonly parked: number;
  /** Milliseconds spent deciding. */
  readonly decisionMs: number;
}

/** A scheduler by its name, and what decides between nodes that suit its pods equally well. */
export interface SchedulerChoice {
  readonly schedulerName: string;
  readonly strategy: Strategy;
}

/** What schedules where nothing else is set. */
export const standardSchedulers: readonly SchedulerChoice[] = [
  { schedulerName: 'default-scheduler', strategy: 'pack' },
];

/** Where the scheduler's session lives: in a thread of its own, or right here. */
export interface PlacementEngine extends AsyncDisposable {
  /** One call at a time; rejects when the session is lost. */
  step(request: StepRequest): Promise<EngineAnswer>;
}
