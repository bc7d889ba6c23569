import { grownCapacity, grownInts } from '../node/growth.ts';
import type { NodeFacts } from '../node/node-facts.ts';
import type { LabelSet } from '../pod/label-set.ts';
import type { TopologyKey } from './topology-key.ts';

/** Which pods are meant: those in a namespace and with labels that a term selects. Equal keys mean the same pods. */
export interface Criterion {
  readonly key: string;
  /** Set when only pods of this owner can match, so that others need not be asked. */
  readonly owner?: string;
  /** Whether labels of namespaces have a say. */
  readonly readsNamespaceLabels?: boolean;
  matches(pod: LabelSet): boolean;
}

/** Which nodes count, by their facts. Equal keys mean the same nodes. */
export interface Inclusion {
  readonly key: string;
  includes(node: NodeFacts): boolean;
}

export interface CarriedTerm {
  /** Whether the carrier wants the selected pods near or away. */
  readonly wants: 'near' | 'away';
  /** 1 to 100 for a wish, 0 for a demand. */
  readonly weight: number;
}

export interface CounterSpec {
  /** `match` counts the pods that meet the criterion; `hold` counts the pods that carry the term with this criterion. */
  readonly kind: 'match' | 'hold';
  /** What the carried term asks for; for `hold` only. */
  readonly term?: CarriedTerm;
  readonly criterion: Criterion;
  readonly topologyKey: TopologyKey;
  /** Spreading does not count pods that are being deleted, affinity does. */
  readonly countsTerminating: boolean;
  /** Absent: all nodes. */
  readonly inclusion?: Inclusion;
  /** Whether `least` will be asked for. */
  readonly tracksLeast: boolean;
}

export function counterKey(spec: CounterSpec): string {
  const term = spec.term === undefined ? '' : `${spec.term.wants} ${spec.term.weight}`;
  const flags = `${spec.kind} ${term} ${spec.countsTerminating} ${spec.tracksLeast}`;
  return `${flags}\n${spec.topologyKey.name}\n${spec.criterion.key}\n${spec.inclusion?.key ?? ''}`;
}

/**
 * How many pods of a kind run in each domain of a topology key, kept as pods come and go: affinity, anti-affinity and spread
 * are answered from here, no pod is ever looked at for them.
 */
export class Counter {
  readonly spec: CounterSpec;
  /** Users: classes for `match`, pods for `hold`. */
  references = 0;
  /** By domain. */
  counts: Int32Array = new Int32Array(0);
  total = 0;
  /** Domains with at least one node that counts. */
  eligibleDomains = 0;
  /** Smallest count among the eligible domains; 0 when there is none. */
  least = 0;
  #eligibleNodes: Int32Array = new Int32Array(0);
  /** Number of eligible domains at each count. */
  #domainsAt: Int32Array = new Int32Array(0);

  constructor(spec: CounterSpec) {
    this.spec = spec;
  }

  /** Pods counted in the domain of a slot; 0 for a node without the label. */
  countAt(slot: number): number {
    const domain = this.spec.topologyKey.domainOf[slot] as number;
    return domain < 0 ? 0 : (this.counts[domain] ?? 0);
  }

  add(slot: number, facts: NodeFacts, difference: number): void {
    const domain = this.spec.topologyKey.domainOf[slot] as number;
    if (domain < 0) return;
    const { inclusion } = this.spec;
    if (inclusion !== undefined && !inclusion.includes(facts)) return;
    if (domain >= this.counts.length) this.#reserve(domain);
    const before = this.counts[domain] as number;
    this.counts[domain] = before + difference;
    this.total += difference;
    if (this.spec.tracksLeast && (this.#eligibleNodes[domain] as number) > 0) this.#move(before, before + difference);
  }

  nodeEntered(slot: number, facts: NodeFacts): void {
    this.#nodeChanged(slot, facts, 1);
  }

  /** Before the node's facts are forgotten and after its pods were taken off. */
  nodeLeft(slot: number, facts: NodeFacts): void {
    this.#nodeChanged(slot, facts, -1);
  }

  #nodeChanged(slot: number, facts: NodeFacts, difference: 1 | -1): void {
    if (!this.spec.tracksLeast) return;
    const domain = this.spec.topologyKey.domainOf[slot] as number;
    if (domain < 0 || this.spec.inclusion?.includes(facts) === false) return;
    if (domain >= this.counts.length) this.#reserve(domain);
    const nodes = (this.#eligibleNodes[domain] as number) + difference;
    this.#eligibleNodes[domain] = nodes;
    const count = this.counts[domain] as number;
    if (difference > 0 && nodes === 1) this.#appear(count);
    if (difference < 0 && nodes === 0) this.#vanish(count);
  }

  #appear(count: number): void {
    this.#bin(count);
    this.#domainsAt[count] = (this.#domainsAt[count] as number) + 1;
    this.eligibleDomains += 1;
    if (this.eligibleDomains === 1 || count < this.least) this.least = count;
  }

  #vanish(count: number): void {
    this.#domainsAt[count] = (this.#domainsAt[count] as number) - 1;
    this.eligibleDomains -= 1;
    this.#raiseLeast();
  }

  #move(before: number, after: number): void {
    this.#bin(after);
    this.#domainsAt[before] = (this.#domainsAt[before] as number) - 1;
    this.#domainsAt[after] = (this.#domainsAt[after] as number) + 1;
    if (after < this.least) this.least = after;
    else this.#raiseLeast();
  }

  #raiseLeast(): void {
    if (this.eligibleDomains === 0) this.least = 0;
    else while (this.#domainsAt[this.least] === 0) this.least += 1;
  }

  #bin(count: number): void {
    if (count < this.#domainsAt.length) return;
    this.#domainsAt = grownInts(this.#domainsAt, grownCapacity(this.#domainsAt.length, count + 1), 0);
  }

  /** For all domains that there are: thousands of counters are made, and few domains come later. */
  #reserve(domain: number): void {
    const { domains } = this.spec.topologyKey;
    const capacity = this.counts.length === 0 ? domains : grownCapacity(this.counts.length, domain + 1);
    this.counts = grownInts(this.counts, capacity, 0);
    if (this.spec.tracksLeast) this.#eligibleNodes = grownInts(this.#eligibleNodes, capacity, 0);
  }
}
