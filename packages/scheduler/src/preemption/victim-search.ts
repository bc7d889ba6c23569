import type { Cluster } from '../cluster/cluster.ts';
import type { LabelSet } from '../pod/label-set.ts';
import type { SpecFacts } from '../pod/pod-spec.ts';
import { type PodId, podState } from '../pod/pod-table.ts';
import type { PodClass } from '../ranking/pod-class.ts';
import type { Budget, BudgetTable } from './disruption-budget.ts';

/** Kubernetes adds this to each priority before it sums them up, so that fewer victims are better also among negative ones. */
const priorityShift = 2 ** 31;

/** What it costs to make room on a node; smaller is better in this order, but for `earliest`, where later is better. */
export interface VictimCost {
  /** Victims whose disruption budget is used up. */
  readonly violations: number;
  /** Highest priority among the victims; -Infinity without any. */
  readonly highest: number;
  /** Sum of the shifted priorities. */
  readonly sum: number;
  readonly count: number;
  /** When the oldest of the victims with the highest priority was made; Infinity without any. */
  readonly earliest: number;
}

/**
 * Finds the pods that must go from one node so that a pod fits there: all of lower priority are thought away, then taken back one
 * by one, the most important first, as long as the pod still fits; those under used-up budgets are taken back before all
 * others. Pods that are going anyway, and room that was promised to pods of lower priority, cost nothing.
 */
export class VictimSearch implements VictimCost {
  violations = 0;
  highest = 0;
  sum = 0;
  count = 0;
  earliest = 0;
  /** Pods that must be ended. Valid until the next search. */
  readonly victims: PodId[] = [];
  /** Pods that must go but are going already, or only have a promise of room. */
  readonly leaving: PodId[] = [];
  readonly #cluster: Cluster;
  readonly #budgets: BudgetTable;
  readonly #lower: PodId[] = [];
  readonly #violating: PodId[] = [];
  readonly #harmless: PodId[] = [];
  readonly #going: PodId[] = [];

  constructor(cluster: Cluster, budgets: BudgetTable) {
    this.#cluster = cluster;
    this.#budgets = budgets;
  }

  /**
   * False when the pod would not fit even if all pods of lower priority were gone, or when there are none. `priority` is what
   * they have to be lower than.
   */
  search(podClass: PodClass, slot: number, priority: number = podClass.priority): boolean {
    this.#begin();
    if (podClass.rules.facts.isUnfit(slot)) return false;
    this.#collect(slot, priority);
    if (this.#lower.length === 0) return false;
    for (const pod of this.#lower) this.#cluster.suspend(pod);
    const isPossible = podClass.admits(slot);
    if (isPossible) {
      this.#classify();
      this.#takeBack(this.#violating, podClass, slot);
      this.violations = this.victims.length;
      this.#takeBack(this.#harmless, podClass, slot);
      this.#takeBack(this.#going, podClass, slot);
      this.#addUp();
      for (const pod of this.victims) this.#cluster.resume(pod);
      for (const pod of this.leaving) this.#cluster.resume(pod);
    } else {
      for (const pod of this.#lower) this.#cluster.resume(pod);
    }
    return isPossible;
  }

  #begin(): void {
    empty(this.victims);
    empty(this.leaving);
    empty(this.#lower);
    empty(this.#violating);
    empty(this.#harmless);
    empty(this.#going);
    this.violations = 0;
  }

  /** The pods of lower priority, the most important first: higher priority, then made earlier, then known earlier. */
  #collect(slot: number, priority: number): void {
    const { pods } = this.#cluster;
    for (let pod = pods.firstOnNode[slot] as number; pod >= 0; pod = pods.nextOnNode[pod] as number)
      if ((pods.specs[pod] as SpecFacts).priority < priority) this.#lower.push(pod);
    // The chain begins with the pod placed last: turned round, it is nearly in order.
    this.#lower.reverse();
    for (let at = 1; at < this.#lower.length; at += 1) {
      const pod = this.#lower[at] as PodId;
      let place = at;
      for (; place > 0 && this.#isMoreImportant(pod, this.#lower[place - 1] as PodId); place -= 1)
        this.#lower[place] = this.#lower[place - 1] as PodId;
      this.#lower[place] = pod;
    }
  }

  #isMoreImportant(left: PodId, right: PodId): boolean {
    const { specs, created, arrival } = this.#cluster.pods;
    const priority = (specs[left] as SpecFacts).priority - (specs[right] as SpecFacts).priority;
    if (priority !== 0) return priority > 0;
    const age = (created[left] as number) - (created[right] as number);
    return age === 0 ? (arrival[left] as number) < (arrival[right] as number) : age < 0;
  }

  /** Tells pods that go anyway from the others, and of these the ones whose budget would be broken if all went. */
  #classify(): void {
    const { pods } = this.#cluster;
    for (const pod of this.#lower) this.#forEachBudget(pod, (budget) => (budget.taken = 0));
    for (const pod of this.#lower) {
      if (pods.terminating[pod] === 1 || pods.doomed[pod] === 1 || pods.state[pod] === podState.nominated) {
        this.#going.push(pod);
        continue;
      }
      let isViolating = false;
      this.#forEachBudget(pod, (budget) => {
        budget.taken += 1;
        budget.demandMax = Math.max(budget.demandMax, budget.taken);
        if (budget.taken > budget.allowed) isViolating = true;
      });
      (isViolating ? this.#violating : this.#harmless).push(pod);
    }
  }

  #forEachBudget(pod: PodId, visit: (budget: Budget) => void): void {
    const { labels, names } = this.#cluster.pods;
    for (const budget of this.#budgets.of(labels[pod] as LabelSet))
      if (!Object.hasOwn(budget.counted, names[pod] as string)) visit(budget);
  }

  #takeBack(from: readonly PodId[], podClass: PodClass, slot: number): void {
    for (const pod of from) {
      this.#cluster.resume(pod);
      if (podClass.admits(slot)) continue;
      this.#cluster.suspend(pod);
      (from === this.#going ? this.leaving : this.victims).push(pod);
    }
  }

  #addUp(): void {
    const { specs, created } = this.#cluster.pods;
    this.count = this.victims.length;
    this.sum = 0;
    this.highest = Number.NEGATIVE_INFINITY;
    this.earliest = Number.POSITIVE_INFINITY;
    for (const pod of this.victims) {
      const { priority } = specs[pod] as SpecFacts;
      const made = created[pod] as number;
      this.sum += priority + priorityShift;
      if (priority > this.highest || (priority === this.highest && made < this.earliest)) this.earliest = made;
      this.highest = Math.max(this.highest, priority);
    }
  }
}

/** Most are empty already; setting a length costs more than looking. */
function empty(list: PodId[]): void {
  if (list.length > 0) list.length = 0;
}
