import type { NodeFacts } from '../node/node-facts.ts';
import type { NodeTable } from '../node/node-table.ts';
import type { LabelSet, LabelSets } from '../pod/label-set.ts';
import type { PodId, PodTable } from '../pod/pod-table.ts';
import { Counter, type CounterSpec, counterKey } from './counter.ts';
import { TopologyKey } from './topology-key.ts';

/**
 * All topology keys and counters in use. Nodes enter and leave domains here, pods are counted here, and label sets
 * learn here which counters count them.
 */
export class Topology {
  /**
   * Raised when a key begins or ceases to have domains of several nodes, and when namespaces or volume claims change that rules
   * read: classes are prepared anew then.
   */
  shape = 0;
  readonly #keys = new Map<string, TopologyKey>();
  readonly #counters = new Map<string, Counter>();
  /** Counters of one owner's pods, which need not be offered to any other pod. */
  readonly #ofOwner = new Map<string, Counter[]>();
  readonly #ofAnyone = new Set<Counter>();
  readonly #nodes: NodeTable;
  readonly #pods: PodTable;
  readonly #labelSets: LabelSets;

  constructor(nodes: NodeTable, pods: PodTable, labelSets: LabelSets) {
    this.#nodes = nodes;
    this.#pods = pods;
    this.#labelSets = labelSets;
  }

  get counters(): number {
    return this.#counters.size;
  }

  key(name: string): TopologyKey {
    let key = this.#keys.get(name);
    if (key === undefined) {
      key = new TopologyKey(name);
      this.#keys.set(name, key);
      for (let slot = 0; slot < this.#nodes.slots; slot += 1) {
        const facts = this.#nodes.facts[slot];
        if (facts !== undefined) key.enter(slot, facts, this.#nodes.capacity);
      }
    }
    return key;
  }

  /** Counts one more user of the counter, which is made and filled if there is none yet. */
  acquire(spec: CounterSpec): Counter {
    const key = counterKey(spec);
    let counter = this.#counters.get(key);
    if (counter === undefined) {
      counter = new Counter(spec);
      this.#counters.set(key, counter);
      this.#introduce(counter);
    }
    counter.references += 1;
    return counter;
  }

  release(counter: Counter): void {
    counter.references -= 1;
    if (counter.references > 0) return;
    this.#counters.delete(counterKey(counter.spec));
    const { owner } = counter.spec.criterion;
    if (owner === undefined) this.#ofAnyone.delete(counter);
    else
      this.#ofOwner.set(
        owner,
        (this.#ofOwner.get(owner) ?? []).filter((other) => other !== counter),
      );
    if (owner !== undefined && this.#ofOwner.get(owner)?.length === 0) this.#ofOwner.delete(owner);
    for (const set of this.#setsFor(counter)) dismiss(set, counter);
  }

  /** Tells a new label set, or one whose namespace got other labels, which counters concern it. */
  acquaint(set: LabelSet): void {
    set.counters = [];
    set.heldAgainst = [];
    for (const counter of this.#ofAnyone) if (counter.spec.criterion.matches(set)) assign(set, counter);
    for (const counter of this.#ofOwner.get(set.owner) ?? [])
      if (counter.spec.criterion.matches(set)) assign(set, counter);
    set.classes.clear();
  }

  /** Labels of a namespace changed, and the label sets in it were acquainted again. */
  namespacesChanged(): void {
    for (const counter of this.#ofAnyone) {
      if (counter.spec.criterion.readsNamespaceLabels !== true) continue;
      this.shape += 1;
      return;
    }
  }

  /** `isMoved` is false when the node stays in its domains and only other facts of it changed. */
  nodeEntered(slot: number, isMoved: boolean): void {
    const facts = this.#nodes.facts[slot];
    if (facts === undefined) return;
    if (isMoved) this.#enter(slot, facts);
    for (const counter of this.#counters.values()) counter.nodeEntered(slot, facts);
  }

  /** While the table still has its facts, after its pods were taken off. */
  nodeLeft(slot: number, isMoved: boolean): void {
    const facts = this.#nodes.facts[slot];
    if (facts === undefined) return;
    for (const counter of this.#counters.values()) counter.nodeLeft(slot, facts);
    if (isMoved) this.#leave(slot);
  }

  /** A pod comes to a node (`difference` 1) or goes (-1); `holds` are the counters of the terms it carries. */
  count(set: LabelSet, holds: readonly Counter[], slot: number, terminating: boolean, difference: 1 | -1): void {
    const { counters } = set;
    if (counters.length === 0 && holds.length === 0) return;
    const facts = this.#nodes.facts[slot];
    if (facts === undefined) return;
    for (let at = 0; at < counters.length; at += 1) {
      const counter = counters[at] as Counter;
      if (!terminating || counter.spec.countsTerminating) counter.add(slot, facts, difference);
    }
    for (let at = 0; at < holds.length; at += 1) (holds[at] as Counter).add(slot, facts, difference);
  }

  #enter(slot: number, facts: NodeFacts): void {
    for (const key of this.#keys.values()) {
      const wasCrowded = key.crowded > 0;
      key.enter(slot, facts, this.#nodes.capacity);
      if (key.crowded > 0 !== wasCrowded) this.shape += 1;
    }
  }

  #leave(slot: number): void {
    for (const key of this.#keys.values()) {
      const wasCrowded = key.crowded > 0;
      key.leave(slot);
      if (key.crowded > 0 !== wasCrowded) this.shape += 1;
    }
  }

  #introduce(counter: Counter): void {
    const { criterion } = counter.spec;
    if (criterion.owner === undefined) this.#ofAnyone.add(counter);
    else this.#ofOwner.set(criterion.owner, [...(this.#ofOwner.get(criterion.owner) ?? []), counter]);
    for (let slot = 0; counter.spec.tracksLeast && slot < this.#nodes.slots; slot += 1) {
      const facts = this.#nodes.facts[slot];
      if (facts !== undefined) counter.nodeEntered(slot, facts);
    }
    for (const set of this.#setsFor(counter)) {
      if (!criterion.matches(set)) continue;
      assign(set, counter);
      if (counter.spec.kind === 'match') this.#countPresent(counter, set);
      else set.classes.clear();
    }
  }

  /** All sets that the counter can concern. */
  #setsFor({ spec: { criterion } }: Counter): Iterable<LabelSet> {
    return criterion.owner === undefined ? this.#labelSets.all() : this.#labelSets.ofOwner(criterion.owner);
  }

  #countPresent(counter: Counter, set: LabelSet): void {
    const pods = this.#pods;
    for (let pod: PodId = set.firstPod; pod >= 0; pod = pods.nextWithLabels[pod] as number) {
      const slot = pods.slot[pod] as number;
      const facts = this.#nodes.facts[slot];
      if (facts === undefined || (pods.terminating[pod] === 1 && !counter.spec.countsTerminating)) continue;
      counter.add(slot, facts, 1);
    }
  }
}

function assign(set: LabelSet, counter: Counter): void {
  if (counter.spec.kind === 'match') set.counters.push(counter);
  else set.heldAgainst.push(counter);
}

function dismiss(set: LabelSet, counter: Counter): void {
  if (counter.spec.kind === 'match') {
    const at = set.counters.indexOf(counter);
    if (at >= 0) set.counters.splice(at, 1);
    return;
  }
  const at = set.heldAgainst.indexOf(counter);
  if (at < 0) return;
  set.heldAgainst.splice(at, 1);
  set.classes.clear();
}
