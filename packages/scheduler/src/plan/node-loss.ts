import type { Cluster } from '../cluster/cluster.ts';
import type { NodeFacts } from '../node/node-facts.ts';
import type { SpecFacts } from '../pod/pod-spec.ts';
import { type PodId, podState } from '../pod/pod-table.ts';
import { tolerates } from '../pod/toleration.ts';
import type { PodClass } from '../ranking/pod-class.ts';
import { Trial } from './trial.ts';

/** What happens when nodes are lost. */
export interface NodeLoss {
  /** Pods that would run elsewhere. */
  readonly moved: number;
  /** Uids of pods that would find no other node. */
  readonly stranded: readonly string[];
}

const unreachable = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' };

/**
 * Tries where the pods of some nodes would go if these were lost: the nodes are tainted as unreachable, pods that do not tolerate that
 * leave, the most important first, and are placed again as if they were new. Nothing is pushed out for them.
 */
export function tryNodeLoss(cluster: Cluster, slots: readonly number[], classOf: (pod: PodId) => PodClass): NodeLoss {
  using trial = new Trial(cluster);
  for (const slot of slots) trial.relabel(slot, lost(cluster.nodes.facts[slot] as NodeFacts));
  const leaving = slots.flatMap((slot) => cluster.podsOn(slot)).filter((pod) => leaves(cluster, pod));
  leaving.sort((left, right) => priorityOf(cluster, right) - priorityOf(cluster, left) || left - right);
  for (const pod of leaving) trial.remove(pod);
  const stranded: string[] = [];
  for (const pod of leaving) {
    const podClass = classOf(pod);
    const slot = podClass.best();
    if (slot < 0) stranded.push(cluster.pods.uids[pod] as string);
    else trial.place(pod, slot, podClass.chooseDevices(slot));
  }
  return { moved: leaving.length - stranded.length, stranded };
}

function lost(facts: NodeFacts): NodeFacts {
  return { ...facts, taints: [...facts.taints, unreachable, { ...unreachable, effect: 'NoSchedule' }] };
}

/** Pods that name their node die with it and are not missed elsewhere; neither are pods that are going anyway. */
function leaves({ pods }: Cluster, pod: PodId): boolean {
  const { tolerations } = pods.specs[pod] as SpecFacts;
  const isPromised = pods.state[pod] === podState.nominated;
  const stays = tolerations.some(
    (toleration) => toleration.tolerationSeconds === undefined && tolerates(toleration, unreachable),
  );
  return !stays && !isPromised && pods.terminating[pod] === 0;
}

function priorityOf({ pods }: Cluster, pod: PodId): number {
  return (pods.specs[pod] as SpecFacts).priority;
}
