import type { Cluster } from '../cluster/cluster.ts';
import { firstReasons } from '../explain/diagnosis.ts';
import type { LabelSet } from '../pod/label-set.ts';
import type { SpecFacts } from '../pod/pod-spec.ts';
import { type PodId, podState } from '../pod/pod-table.ts';
import type { PodClass } from '../ranking/pod-class.ts';
import type { BudgetTable } from './disruption-budget.ts';
import { Nominations } from './nominations.ts';
import { VictimRanking } from './victim-ranking.ts';
import { VictimSearch } from './victim-search.ts';

/** Room that can be made. */
export interface Room {
  readonly slot: number;
  /** Pods that must be ended. */
  readonly victims: readonly PodId[];
  /** Pods that must be gone first: victims, and others that are going already. */
  readonly awaited: readonly PodId[];
  /** Pods of lower priority that lose the promise of this room. */
  readonly outbid: readonly PodId[];
}

/** Finds where room can be made for pods of higher priority, and keeps the books about promised room. */
export class Preemption {
  readonly #cluster: Cluster;
  readonly #budgets: BudgetTable;
  readonly #search: VictimSearch;
  readonly #rankings = new WeakMap<PodClass, VictimRanking>();
  readonly #nominations = new Nominations();

  constructor(cluster: Cluster, budgets: BudgetTable) {
    this.#cluster = cluster;
    this.#budgets = budgets;
    this.#search = new VictimSearch(cluster, budgets);
  }

  /** Whether some pod may be of lower priority, so that a search is worth its time. */
  canHelp(podClass: PodClass): boolean {
    return podClass.priority > this.#cluster.lowestPriority;
  }

  /** The cheapest room for a class, `pin` being the only slot allowed if it is not negative. */
  find(podClass: PodClass, pin: number): Room | undefined {
    if (!this.canHelp(podClass)) return undefined;
    const slot = pin >= 0 ? pin : this.#rankingOf(podClass).best();
    if (slot < 0 || !this.#search.search(podClass, slot)) return undefined;
    const { victims, leaving } = this.#search;
    // Who must not push out others may still use room that is only promised to pods less important.
    if (!podClass.subject.spec.preempts && victims.length > 0) return undefined;
    const { state } = this.#cluster.pods;
    const going = leaving.filter((pod) => state[pod] !== podState.nominated);
    const outbid = leaving.filter((pod) => state[pod] === podState.nominated);
    return { slot, victims: [...victims], awaited: [...victims, ...going], outbid };
  }

  /** Counts the pod on the node that is being made free for it. */
  promise(pod: PodId, { slot, victims, awaited }: Room): void {
    const { pods } = this.#cluster;
    for (const victim of victims) {
      pods.doomed[victim] = 1;
      this.#budgets.spend(victim, pods.names[victim] as string, pods.labels[victim] as LabelSet);
    }
    this.#nominations.add(pod, awaited);
    pods.state[pod] = podState.nominated;
    this.#cluster.place(pod, slot);
  }

  /** The pod has the promise no more; it is on no node then. Answers the slot that it was promised. */
  revoke(pod: PodId): number {
    const slot = this.#cluster.pods.slot[pod] as number;
    this.#nominations.remove(pod);
    this.#cluster.unplace(pod);
    return slot;
  }

  /** A pod is gone from its node; answers the pods that were waiting for it and now wait for nobody. */
  settle(pod: PodId): readonly PodId[] {
    const { pods } = this.#cluster;
    if (pods.doomed[pod] === 1) this.#budgets.settle(pod, pods.labels[pod] as LabelSet);
    pods.doomed[pod] = 0;
    this.#nominations.remove(pod);
    return this.#nominations.settle(pod);
  }

  /** Whether pods of lower priority run on a node at all. */
  hasLower(podClass: PodClass, slot: number): boolean {
    const { pods } = this.#cluster;
    for (let pod = pods.firstOnNode[slot] as number; pod >= 0; pod = pods.nextOnNode[pod] as number)
      if ((pods.specs[pod] as SpecFacts).priority < podClass.priority) return true;
    return false;
  }

  /** What would still stand in the way on a node if all pods of lower priority were gone. */
  reasonsWithoutLower(podClass: PodClass, slot: number): readonly string[] {
    const lower = this.#cluster
      .podsOn(slot)
      .filter((pod) => (this.#cluster.pods.specs[pod] as SpecFacts).priority < podClass.priority);
    for (const pod of lower) this.#cluster.suspend(pod);
    const { reasons } = firstReasons(podClass.rules.checks, slot);
    for (const pod of lower) this.#cluster.resume(pod);
    return reasons;
  }

  #rankingOf(podClass: PodClass): VictimRanking {
    let ranking = this.#rankings.get(podClass);
    if (ranking === undefined) {
      ranking = new VictimRanking(this.#cluster, podClass, this.#search, this.#budgets);
      this.#rankings.set(podClass, ranking);
    }
    return ranking;
  }
}
