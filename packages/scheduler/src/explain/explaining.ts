import { Trial } from '../plan/trial.ts';
import { type PodId, podState } from '../pod/pod-table.ts';
import type { PodClass } from '../ranking/pod-class.ts';
import { namesNoNode } from './diagnosis.ts';
import type { Explanation } from './explanation.ts';
import { type SuggestingParts, suggest } from './suggesting.ts';
import { judge } from './verdicts.ts';

const states: Readonly<Record<number, Explanation['state']>> = {
  [podState.pending]: 'pending',
  [podState.gated]: 'gated',
  [podState.parked]: 'unschedulable',
  [podState.assumed]: 'assumed',
  [podState.bound]: 'bound',
  [podState.nominated]: 'promised',
};

/** `pin` is the slot of the one node that the pod names, or `namesNoNode`. */
export function explainPod(parts: SuggestingParts, pod: PodId, podClass: PodClass, pin: number): Explanation {
  const { cluster } = parts;
  const { pods, nodes } = cluster;
  const slot = pods.slot[pod] as number;
  using trial = new Trial(cluster);
  if (slot >= 0) trial.remove(pod);
  const verdicts = judge(cluster, podClass, pin);
  const fits = verdicts.nodes[0]?.score !== undefined;
  const candidates = pin === namesNoNode ? verdicts.slots : verdicts.slots.filter((each) => each === pin);
  return {
    uid: pods.uids[pod] as string,
    state: states[pods.state[pod] as number] ?? 'pending',
    node: slot < 0 ? undefined : nodes.nameOf(slot),
    nodes: verdicts.nodes,
    suggestions: fits || slot >= 0 ? [] : suggest(parts, podClass, candidates),
  };
}
