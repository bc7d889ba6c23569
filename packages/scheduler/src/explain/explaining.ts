import type { Cluster } from '../cluster/cluster.ts';
import { Trial } from '../plan/trial.ts';
import { type PodId, podState } from '../pod/pod-table.ts';
import type { Check, PodClass } from '../ranking/pod-class.ts';
import { namesNoNode, pinnedElsewhere } from './diagnosis.ts';
import type { Explanation, NodeVerdict, RuleRefusal, ScorePart } from './explanation.ts';
import { type SuggestingParts, suggest } from './suggesting.ts';

const states: Readonly<Record<number, Explanation['state']>> = {
  [podState.pending]: 'pending',
  [podState.gated]: 'gated',
  [podState.parked]: 'unschedulable',
  [podState.assumed]: 'assumed',
  [podState.bound]: 'bound',
  [podState.nominated]: 'promised',
};
const noParts: readonly ScorePart[] = [];
const noRefusals: readonly RuleRefusal[] = [];

interface Verdict extends NodeVerdict {
  readonly slot: number;
}

/** `pin` is the slot of the one node that the pod names, or `namesNoNode`. */
export function explainPod(parts: SuggestingParts, pod: PodId, podClass: PodClass, pin: number): Explanation {
  const { cluster } = parts;
  const { pods, nodes } = cluster;
  const slot = pods.slot[pod] as number;
  using trial = new Trial(cluster);
  if (slot >= 0) trial.remove(pod);
  const verdicts = judge(cluster, podClass, pin);
  const fits = verdicts[0] !== undefined && verdicts[0].score !== undefined;
  const candidates = verdicts.map((verdict) => verdict.slot).filter((each) => pin === namesNoNode || pin === each);
  return {
    uid: pods.uids[pod] as string,
    state: states[pods.state[pod] as number] ?? 'pending',
    node: slot < 0 ? undefined : nodes.nameOf(slot),
    nodes: verdicts.map(({ slot: _, ...verdict }) => verdict),
    suggestions: fits || slot >= 0 ? [] : suggest(parts, podClass, candidates),
  };
}

function judge(cluster: Cluster, podClass: PodClass, pin: number): readonly Verdict[] {
  const { nodes } = cluster;
  const verdicts: Verdict[] = [];
  for (let slot = 0; slot < nodes.slots; slot += 1) {
    if (nodes.facts[slot] === undefined) continue;
    const refusals = refusalsOf(podClass.rules.checks, slot, pin);
    const node = nodes.nameOf(slot);
    if (refusals.length > 0) verdicts.push({ slot, node, refusals, score: undefined, parts: noParts });
    else verdicts.push({ slot, node, refusals, score: podClass.scoreOf(slot), parts: podClass.partsOf(slot) });
  }
  const { ranks } = nodes.order;
  const order = (left: Verdict, right: Verdict): number =>
    left.refusals.length - right.refusals.length ||
    (right.score ?? 0) - (left.score ?? 0) ||
    (ranks[left.slot] as number) - (ranks[right.slot] as number);
  return verdicts.sort(order);
}

function refusalsOf(checks: readonly Check[], slot: number, pin: number): readonly RuleRefusal[] {
  let refusals: RuleRefusal[] | undefined;
  if (pin !== namesNoNode && pin !== slot) refusals = [{ rule: 'NodeAffinity', reasons: [pinnedElsewhere] }];
  for (const check of checks) {
    if (check.admits(slot)) continue;
    const reasons: string[] = [];
    check.explain(slot, { add: (text) => reasons.push(text) });
    refusals ??= [];
    refusals.push({ rule: check.rule, reasons });
  }
  return refusals ?? noRefusals;
}
