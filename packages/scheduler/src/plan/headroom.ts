import type { Cluster } from '../cluster/cluster.ts';
import type { PodId } from '../pod/pod-table.ts';
import type { PodClass } from '../ranking/pod-class.ts';
import { Trial } from './trial.ts';

/** How many more pods like one fit. */
export interface Headroom {
  readonly fits: number;
  /** Whether the count ended at the limit asked for and not at the capacity. */
  readonly isLimited: boolean;
  /** Copies by node. */
  readonly byNode: ReadonlyMap<string, number>;
}

/** Places copies one after the other, by all rules, until none fits or `copies` are used up; they are on no node before. */
export function tryHeadroom(cluster: Cluster, copies: readonly PodId[], classOf: (pod: PodId) => PodClass): Headroom {
  using trial = new Trial(cluster);
  const byNode = new Map<string, number>();
  let fits = 0;
  for (const pod of copies) {
    const podClass = classOf(pod);
    const slot = podClass.best();
    if (slot < 0) break;
    trial.place(pod, slot, podClass.chooseDevices(slot));
    const name = cluster.nodes.nameOf(slot);
    byNode.set(name, (byNode.get(name) ?? 0) + 1);
    fits += 1;
  }
  return { fits, isLimited: fits === copies.length, byNode };
}
