import type { Suggestion } from './suggestion.ts';

/** What one node is for a pod. */
export interface NodeVerdict {
  readonly node: string;
  /** Why the pod cannot run there, all rules asked; empty when it can. */
  readonly refusals: readonly RuleRefusal[];
  /** Where it can: the score, and what each rule gave. */
  readonly score: number | undefined;
  readonly parts: readonly ScorePart[];
}

export interface RuleRefusal {
  readonly rule: string;
  readonly reasons: readonly string[];
}

export interface ScorePart {
  readonly rule: string;
  /** With the weight of the rule. */
  readonly points: number;
}

/** Why a pod is where it is, or why it is nowhere. */
export interface Explanation {
  readonly uid: string;
  readonly state: 'pending' | 'gated' | 'unschedulable' | 'assumed' | 'bound' | 'promised';
  /** The node it is on or was promised. */
  readonly node: string | undefined;
  /** Every node as it is for this pod now, the pod itself thought away; best first, then by what stands in the way. */
  readonly nodes: readonly NodeVerdict[];
  /** What would make it fit; only for pods that fit nowhere. Each was tried out on the state of this moment. */
  readonly suggestions: readonly Suggestion[];
}
