import type { Cluster } from '../cluster/cluster.ts';
import type { NodeFacts } from '../node/node-facts.ts';
import type { LabelSet } from '../pod/label-set.ts';
import type { NamespaceTable } from '../pod/namespace-table.ts';
import type { SpecFacts } from '../pod/pod-spec.ts';
import type { Counter } from '../topology/counter.ts';
import type { TopologyKey } from '../topology/topology-key.ts';
import type { ClaimTable } from '../volume/claim-table.ts';
import type { ReasonSink } from './reason.ts';

/** The pods a rule is asked about: all that have this spec and these labels. */
export interface Subject {
  readonly spec: SpecFacts;
  readonly labels: LabelSet;
}

/** What a rule may use while it is prepared for a class of pods. */
export interface RuleContext {
  readonly cluster: Cluster;
  readonly subject: Subject;
  readonly settings: RuleSettings;
  /** Counters acquired here are released with the class. */
  acquire(spec: Counter['spec']): Counter;
}

/** What keys of rules depend on besides the pod. */
export interface RuleSettings {
  readonly namespaces: NamespaceTable;
  readonly claims: ClaimTable;
  /** Spread of pods that have an owner and no constraints of their own. */
  readonly defaultSpread: readonly DefaultSpread[];
}

export interface DefaultSpread {
  readonly topologyKey: string;
  /** How many pods more than another domain has are hardly worth noticing; at least 1. */
  readonly maxSkew: number;
}

interface RuleBase {
  readonly name: string;
  /** The rule's part of the key of a pod class: pods with equal keys get equal answers. Empty: does not concern the pod. */
  key(subject: Subject, settings: RuleSettings): string;
}

/** A filter that reads nothing but the node object: its answers are kept until the node's facts change. */
export interface FactsFilter extends RuleBase {
  readonly scope: 'facts';
  prepare(context: RuleContext): FactsTest | undefined;
}
export interface FactsTest {
  admits(node: NodeFacts): boolean;
  /** Asked where `admits` is false. */
  reason(node: NodeFacts): string;
}

/** A filter that reads what runs on the node: asked again whenever the node is touched. */
export interface UsageFilter extends RuleBase {
  readonly scope: 'usage';
  prepare(context: RuleContext): UsageTest | undefined;
}
export interface UsageTest {
  admits(slot: number): boolean;
  /** Asked where `admits` is false. */
  explain(slot: number, sink: ReasonSink): void;
}

/** A filter that reads what runs in the node's domains. */
export interface TopologyFilter extends RuleBase {
  readonly scope: 'topology';
  prepare(context: RuleContext): readonly TopologyTest[];
}
export interface TopologyTest extends UsageTest {
  /** All nodes of a domain of this key get the same answer. */
  readonly topologyKey: TopologyKey;
  /** A number on which the answers for all domains depend besides their own count. */
  epoch(): number;
  /** Set when the answers depend on the decision being made: then it is asked at every decision. */
  readonly changesByDecision?: boolean;
}

export type Filter = FactsFilter | UsageFilter | TopologyFilter;

/** A score that reads nothing but the node object. */
export interface FactsScore extends RuleBase {
  readonly scope: 'facts';
  prepare(context: RuleContext): ((node: NodeFacts) => number) | undefined;
}

/** A score that reads what runs on the node. */
export interface UsageScore extends RuleBase {
  readonly scope: 'usage';
  prepare(context: RuleContext): NodeScore | undefined;
}

/** A score that reads what runs in the node's domains. */
export interface TopologyScore extends RuleBase {
  readonly scope: 'topology';
  prepare(context: RuleContext): readonly DomainScore[];
}

export interface NodeScore {
  /** A whole number; more is better. About 0 to 100, so that weights can be compared. */
  score(slot: number): number;
}
export interface DomainScore extends NodeScore {
  readonly topologyKey: TopologyKey;
  /** Set when it never gives more than 0: then classes that differ in it alone share their ranking of nodes. */
  readonly isPenalty?: boolean;
}

export type Score = FactsScore | UsageScore | TopologyScore;

/** Chooses the devices that a pod gets on a node, where the rule of the table is not wanted. */
export interface DeviceRule extends RuleBase {
  /** The function answers the set of devices (bits) by resource. */
  prepare(context: RuleContext): ((slot: number) => ReadonlyMap<string, number>) | undefined;
}

/** Rules of a profile: filters in the order in which they are asked, scores with their weights. Data, so that it can be changed. */
export interface RuleBook {
  readonly filters: readonly Filter[];
  readonly scores: readonly { readonly rule: Score; readonly weight: number }[];
  readonly deviceChoice?: DeviceRule;
}
