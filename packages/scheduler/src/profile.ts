import { deviceFit } from './rule/filter/device-fit.ts';
import { gangDomain } from './rule/filter/gang-domain.ts';
import { interPodAffinity } from './rule/filter/inter-pod-affinity.ts';
import { nodeAffinity } from './rule/filter/node-affinity.ts';
import { nodePorts } from './rule/filter/node-ports.ts';
import { nodeResourcesFit } from './rule/filter/node-resources-fit.ts';
import { nodeUnschedulable } from './rule/filter/node-unschedulable.ts';
import { podTopologySpread } from './rule/filter/pod-topology-spread.ts';
import { taintToleration } from './rule/filter/taint-toleration.ts';
import { volumeBinding } from './rule/filter/volume-binding.ts';
import type { DefaultSpread, Filter, RuleBook, Score } from './rule/rule.ts';
import { balance } from './rule/score/balance.ts';
import { interPodPreference } from './rule/score/inter-pod-preference.ts';
import { pack } from './rule/score/pack.ts';
import { preferredNodeAffinity } from './rule/score/preferred-node-affinity.ts';
import { spread } from './rule/score/spread.ts';
import { stranding } from './rule/score/stranding.ts';
import { toleratedTaints } from './rule/score/tolerated-taints.ts';
import { topologyBalance } from './rule/score/topology-balance.ts';

/** How a scheduler, by its name, places the pods that name it. */
export interface Profile {
  readonly schedulerName: string;
  readonly rules: RuleBook;
  /** Spread of pods that have an owner and no constraints of their own. */
  readonly defaultSpread: readonly DefaultSpread[];
}

/** What decides between nodes on which a pod fits equally well by all its own wishes. */
export type Strategy = 'pack' | 'spread' | 'balanced' | 'stranding';

/** In Kubernetes' order: the first filter that refuses a node gives the reason. */
export const standardFilters: readonly Filter[] = [
  nodeUnschedulable,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
  deviceFit,
  volumeBinding,
  podTopologySpread,
  interPodAffinity,
  gangDomain,
];

const wishes: readonly { readonly rule: Score; readonly weight: number }[] = [
  { rule: toleratedTaints, weight: 3 },
  { rule: preferredNodeAffinity, weight: 2 },
  { rule: topologyBalance, weight: 2 },
  { rule: interPodPreference, weight: 2 },
];

const strategies: Readonly<Record<Strategy, readonly { readonly rule: Score; readonly weight: number }[]>> = {
  pack: [{ rule: pack, weight: 1 }],
  spread: [{ rule: spread, weight: 1 }],
  stranding: [{ rule: stranding, weight: 1 }],
  balanced: [
    { rule: balance, weight: 1 },
    { rule: spread, weight: 1 },
  ],
};

/** An owner's pods keep apart: evenly over zones, and where zones allow not all on one host. */
const standardSpread: readonly DefaultSpread[] = [
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 1 },
  { topologyKey: 'kubernetes.io/hostname', maxSkew: 3 },
];

export function profile(schedulerName: string, strategy: Strategy): Profile {
  return {
    schedulerName,
    rules: { filters: standardFilters, scores: [...wishes, ...strategies[strategy]] },
    defaultSpread: standardSpread,
  };
}
