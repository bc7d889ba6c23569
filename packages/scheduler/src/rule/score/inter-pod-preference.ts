import { resolveTerm } from '../../pod/affinity-term.ts';
import type { NamespaceTable } from '../../pod/namespace-table.ts';
import type { Counter, Criterion } from '../../topology/counter.ts';
import type { DomainScore, RuleContext, Subject, TopologyScore } from '../rule.ts';

/** What a required affinity of a placed pod weighs for the pods it wants near. */
const requiredWeight = 1;

interface Wish {
  readonly topologyKey: string;
  readonly criterion: Criterion;
  readonly wants: 'near' | 'away';
  readonly weight: number;
}

/**
 * Preferred pod affinity and anti-affinity, the pod's own and that of pods already placed. Nearness saturates (the first
 * friend in a domain is worth half of the weight, many nearly all of it), each pod to keep away from costs the weight.
 */
export const interPodPreference: TopologyScore = {
  name: 'InterPodPreference',
  scope: 'topology',
  key: (subject, { namespaces }) => {
    const own = wishes(subject, namespaces);
    const foreign = wishesOfOthers(subject);
    if (own.length + foreign.length === 0) return '';
    return JSON.stringify([
      own.map(({ topologyKey, criterion, wants, weight }) => [topologyKey, criterion.key, wants, weight]),
      foreign
        .map(({ spec }) => [spec.topologyKey.name, spec.criterion.key, spec.term?.wants, spec.term?.weight])
        .sort(),
    ]);
  },
  prepare: (context) => [...ownScores(context), ...foreignScores(context)],
};

function wishes({ spec, labels }: Subject, namespaces: NamespaceTable): readonly Wish[] {
  const of = (kind: 'affinity' | 'antiAffinity', wants: 'near' | 'away'): readonly Wish[] =>
    (spec[kind].preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ weight, podAffinityTerm }) => ({
      ...resolveTerm(podAffinityTerm, labels, namespaces),
      wants,
      weight,
    }));
  return [...of('affinity', 'near'), ...of('antiAffinity', 'away')];
}

/** All terms of placed pods that select this one, but for those that forbid. */
function wishesOfOthers({ labels }: Subject): readonly Counter[] {
  return labels.heldAgainst.filter(({ spec: { term } }) => term?.wants === 'near' || (term?.weight ?? 0) > 0);
}

function ownScores({ subject, cluster, acquire }: RuleContext): readonly DomainScore[] {
  return wishes(subject, cluster.namespaces).map(({ topologyKey, criterion, wants, weight }) => {
    const key = cluster.topology.key(topologyKey);
    const counter = acquire({
      kind: 'match',
      criterion,
      topologyKey: key,
      countsTerminating: true,
      tracksLeast: false,
    });
    return domainScore(counter, wants, weight);
  });
}

function foreignScores({ subject, acquire }: RuleContext): readonly DomainScore[] {
  return wishesOfOthers(subject).map(({ spec }) => {
    const { wants = 'near', weight = 0 } = spec.term ?? {};
    return domainScore(acquire(spec), wants, weight === 0 ? requiredWeight : weight);
  });
}

function domainScore(counter: Counter, wants: 'near' | 'away', weight: number): DomainScore {
  return {
    topologyKey: counter.spec.topologyKey,
    isPenalty: wants === 'away',
    score: (slot) => {
      const count = counter.countAt(slot);
      if (count === 0) return 0;
      return wants === 'near' ? weight - Math.floor(weight / (1 + count)) : -weight * count;
    },
  };
}
