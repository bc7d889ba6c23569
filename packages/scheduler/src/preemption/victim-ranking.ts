import type { Cluster } from '../cluster/cluster.ts';
import { grownCapacity } from '../node/growth.ts';
import type { NodeTable } from '../node/node-table.ts';
import type { PodClass } from '../ranking/pod-class.ts';
import type { Budget, BudgetTable } from './disruption-budget.ts';
import type { VictimSearch } from './victim-search.ts';

/** Numbers kept per slot: violations, highest, sum, count, -earliest; smaller is better, the first that differs decides. */
const costs = 5;

/**
 * Keeps the node where making room for a class costs least at the root of a tree of winners. Nodes are searched again when they
 * were touched and when a budget of their pods grew scarce; all of them every time for classes whose rules look beyond the node.
 */
export class VictimRanking {
  readonly #cluster: Cluster;
  readonly #nodes: NodeTable;
  readonly #podClass: PodClass;
  readonly #search: VictimSearch;
  readonly #budgets: BudgetTable;
  #costs: Float64Array = new Float64Array(0);
  #possible: Uint8Array = new Uint8Array(0);
  /** Place 1 is the root; leaf of slot s is place `#leaves` + s. Holds slots, -1 for none. */
  #winners: Int32Array = new Int32Array(0);
  #leaves = 0;
  #cursor = -1;
  #budgetVersion = -1;
  /** News of scarce budgets taken in. */
  #scarceSeen = 0;

  constructor(cluster: Cluster, podClass: PodClass, search: VictimSearch, budgets: BudgetTable) {
    this.#cluster = cluster;
    this.#nodes = cluster.nodes;
    this.#podClass = podClass;
    this.#search = search;
    this.#budgets = budgets;
  }

  /** The slot where the fewest and least important pods have to go, or -1. */
  best(): number {
    this.#settle();
    return this.#winners[1] ?? -1;
  }

  #settle(): void {
    const { changes } = this.#nodes;
    const isBeyondNode = this.#podClass.rules.topologyTests.length > 0 && this.#cursor !== changes.head;
    const isStale = this.#cursor < 0 || !changes.reaches(this.#cursor) || this.#leaves < this.#nodes.slots;
    if (isStale || isBeyondNode || this.#budgetVersion !== this.#budgets.version) this.#build();
    else {
      for (let entry = this.#cursor; entry < changes.head; entry += 1) {
        const slot = changes.slotAt(entry);
        if (changes.isLast(entry, slot)) this.#renew(slot);
      }
      const { scarce } = this.#budgets;
      for (let at = this.#scarceSeen; at < scarce.length; at += 1) this.#renewUnder(scarce[at] as Budget);
    }
    this.#cursor = changes.head;
    this.#budgetVersion = this.#budgets.version;
    this.#scarceSeen = this.#budgets.scarce.length;
  }

  /** The nodes on which pods of a budget run. */
  #renewUnder(budget: Budget): void {
    const { labelSets, pods } = this.#cluster;
    for (const set of labelSets.all()) {
      if (!this.#budgets.of(set).includes(budget)) continue;
      for (let pod = set.firstPod; pod >= 0; pod = pods.nextWithLabels[pod] as number) {
        const slot = pods.slot[pod] as number;
        if (slot >= 0) this.#renew(slot);
      }
    }
  }

  #build(): void {
    if (this.#leaves < this.#nodes.slots) {
      this.#leaves = grownCapacity(this.#leaves, this.#nodes.slots);
      this.#costs = new Float64Array(this.#leaves * costs);
      this.#possible = new Uint8Array(this.#leaves);
      this.#winners = new Int32Array(this.#leaves * 2).fill(-1);
    }
    for (let slot = 0; slot < this.#nodes.slots; slot += 1) this.#appraise(slot);
    for (let place = this.#leaves - 1; place >= 1; place -= 1) this.#winners[place] = this.#play(place);
  }

  #renew(slot: number): void {
    this.#appraise(slot);
    for (let place = (this.#leaves + slot) >> 1; place >= 1; place >>= 1) this.#winners[place] = this.#play(place);
  }

  #appraise(slot: number): void {
    const search = this.#search;
    const isPossible = this.#nodes.facts[slot] !== undefined && search.search(this.#podClass, slot);
    this.#possible[slot] = isPossible ? 1 : 0;
    this.#winners[this.#leaves + slot] = isPossible ? slot : -1;
    if (!isPossible) return;
    const base = slot * costs;
    this.#costs[base] = search.violations;
    this.#costs[base + 1] = search.highest;
    this.#costs[base + 2] = search.sum;
    this.#costs[base + 3] = search.count;
    this.#costs[base + 4] = -search.earliest;
  }

  #play(place: number): number {
    const left = this.#winners[place * 2] as number;
    const right = this.#winners[place * 2 + 1] as number;
    if (left < 0) return right;
    if (right < 0) return left;
    for (let at = 0; at < costs; at += 1) {
      const one = this.#costs[left * costs + at] as number;
      const other = this.#costs[right * costs + at] as number;
      if (one !== other) return one < other ? left : right;
    }
    const { ranks } = this.#nodes.order;
    return (ranks[left] as number) < (ranks[right] as number) ? left : right;
  }
}
