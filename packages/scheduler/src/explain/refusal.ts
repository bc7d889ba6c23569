import type { Cluster } from '../cluster/cluster.ts';
import type { Preemption } from '../preemption/preemption.ts';
import type { PodClass } from '../ranking/pod-class.ts';
import type { Refusal } from '../session/session.ts';
import { type Diagnosis, diagnose, firstReasons, namesNoNode } from './diagnosis.ts';
import { preemptionSentence, sentence } from './sentence.ts';

const notHelpful = 'Preemption is not helpful for scheduling';
const noVictims = 'No preemption victims found for incoming pod';

/** Why a pod fits nowhere, and why preemption does not help either, in Kubernetes' words. */
export function refuse(cluster: Cluster, preemption: Preemption, podClass: PodClass, pin: number): Refusal {
  const diagnosis = diagnose(cluster, podClass, pin);
  if (diagnosis.nodes === 0) return { message: sentence(diagnosis), diagnosis };
  const suffix = podClass.subject.spec.preempts
    ? preemptionSentence(diagnosis.nodes, preemptionReasons(cluster, preemption, podClass, pin, diagnosis))
    : 'preemption: not eligible due to preemptionPolicy=Never.';
  return { message: `${sentence(diagnosis)} ${suffix}`, diagnosis };
}

function preemptionReasons(
  cluster: Cluster,
  preemption: Preemption,
  podClass: PodClass,
  pin: number,
  { nodes, hopeless }: Diagnosis,
): ReadonlyMap<string, number> {
  const reasons = new Map<string, number>();
  if (hopeless > 0) reasons.set(notHelpful, hopeless);
  if (!preemption.canHelp(podClass)) {
    if (nodes > hopeless) reasons.set(noVictims, nodes - hopeless);
    return reasons;
  }
  const add = (reason: string): void => void reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  for (let slot = 0; slot < cluster.nodes.slots; slot += 1) {
    if (cluster.nodes.facts[slot] === undefined || (pin !== namesNoNode && pin !== slot)) continue;
    const found = firstReasons(podClass.rules.checks, slot);
    if (found.isHopeless) continue;
    if (preemption.hasLower(podClass, slot))
      for (const reason of preemption.reasonsWithoutLower(podClass, slot)) add(reason);
    else add(noVictims);
  }
  return reasons;
}
