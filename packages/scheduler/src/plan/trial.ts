import type { Cluster } from '../cluster/cluster.ts';
import type { NodeFacts } from '../node/node-facts.ts';
import type { SpecFacts } from '../pod/pod-spec.ts';
import { type PodId, podState } from '../pod/pod-table.ts';

/**
 * Changes to the cluster that are taken back when the trial is over: what-if questions are asked of the very state and code that
 * decide, and leave no trace.
 */
export class Trial implements Disposable {
  readonly #cluster: Cluster;
  readonly #undo: (() => void)[] = [];
  readonly #versionBefore: number;
  readonly #shapeBefore: number;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#versionBefore = cluster.version;
    this.#shapeBefore = cluster.topology.shape;
  }

  /** Puts a pod that is on no node on one. */
  place(pod: PodId, slot: number, devices?: ReadonlyMap<string, number>): void {
    const stateBefore = this.#cluster.pods.state[pod] as number;
    this.#cluster.place(pod, slot, devices);
    this.#cluster.pods.state[pod] = podState.assumed;
    this.#undo.push(() => {
      this.#cluster.unplace(pod);
      this.#cluster.pods.state[pod] = stateBefore;
    });
  }

  /** Takes a pod off its node. */
  remove(pod: PodId): void {
    const { pods, devices } = this.#cluster;
    const slot = pods.slot[pod] as number;
    const taken = (pods.specs[pod] as SpecFacts).devices.map(({ resource }): [string, number] => [
      resource,
      devices.table(resource).assignedTo(pod),
    ]);
    this.#cluster.unplace(pod);
    this.#undo.push(() => this.#cluster.place(pod, slot, new Map(taken)));
  }

  /** Gives a node other facts. */
  relabel(slot: number, facts: NodeFacts): void {
    const before = this.#cluster.nodes.facts[slot] as NodeFacts;
    this.#cluster.relabel(slot, facts);
    this.#undo.push(() => this.#cluster.relabel(slot, before));
  }

  [Symbol.dispose](): void {
    for (const undo of this.#undo.reverse()) undo();
    this.#cluster.version = this.#versionBefore;
    this.#cluster.topology.shape = this.#shapeBefore;
  }
}
