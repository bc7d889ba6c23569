import { allOf, type ResolvedTerm, resolveTerm } from '../../pod/affinity-term.ts';
import type { NamespaceTable } from '../../pod/namespace-table.ts';
import type { Counter } from '../../topology/counter.ts';
import type { RuleContext, Subject, TopologyFilter, TopologyTest } from '../rule.ts';

/**
 * Required pod affinity and anti-affinity, the pod's own and that of pods already placed. Affinity asks for a pod in the
 * domain that satisfies all terms; the first pod of a group that wants to be near itself may go anywhere.
 */
export const interPodAffinity: TopologyFilter = {
  name: 'InterPodAffinity',
  scope: 'topology',
  key: (subject, { namespaces }) => {
    const near = required(subject, 'affinity', namespaces);
    const away = required(subject, 'antiAffinity', namespaces);
    const foreign = repellents(subject);
    if (near.length + away.length + foreign.length === 0) return '';
    const termKey = ({ topologyKey, criterion }: ResolvedTerm): string => `${topologyKey} ${criterion.key}`;
    const isOwnFriend = near.every(({ criterion }) => criterion.matches(subject.labels));
    return JSON.stringify([
      near.map(termKey),
      away.map(termKey),
      foreign.map(({ spec }) => `${spec.topologyKey.name} ${spec.criterion.key}`).sort(),
      isOwnFriend,
    ]);
  },
  prepare: (context) => [...nearTests(context), ...awayTests(context), ...foreignTests(context)],
};

function required(
  subject: Subject,
  kind: 'affinity' | 'antiAffinity',
  namespaces: NamespaceTable,
): readonly ResolvedTerm[] {
  const terms = subject.spec[kind].requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.map((term) => resolveTerm(term, subject.labels, namespaces));
}

/** Terms of placed pods that want pods like this one away. */
function repellents({ labels }: Subject): readonly Counter[] {
  return labels.heldAgainst.filter(({ spec: { term } }) => term?.wants === 'away' && term.weight === 0);
}

function nearTests({ subject, cluster, acquire }: RuleContext): readonly TopologyTest[] {
  const terms = required(subject, 'affinity', cluster.namespaces);
  if (terms.length === 0) return [];
  const friends = allOf(terms.map(({ criterion }) => criterion));
  const isOwnFriend = friends.matches(subject.labels);
  const counters = [...new Set(terms.map(({ topologyKey }) => topologyKey))].map((name) =>
    acquire({
      kind: 'match',
      criterion: friends,
      topologyKey: cluster.topology.key(name),
      countsTerminating: true,
      tracksLeast: false,
    }),
  );
  const isAlone = (): boolean => isOwnFriend && counters.every(({ total }) => total === 0);
  return counters.map((counter) => ({
    topologyKey: counter.spec.topologyKey,
    epoch: () => (isAlone() ? 1 : 0),
    admits: (slot) => {
      const domain = counter.spec.topologyKey.domainOf[slot] as number;
      return domain >= 0 && ((counter.counts[domain] ?? 0) > 0 || isAlone());
    },
    explain: (_slot, sink) => sink.add("node(s) didn't match pod affinity rules", 'nothing'),
  }));
}

function awayTests({ subject, cluster, acquire }: RuleContext): readonly TopologyTest[] {
  return required(subject, 'antiAffinity', cluster.namespaces).map(({ topologyKey, criterion }) => {
    const key = cluster.topology.key(topologyKey);
    const counter = acquire({
      kind: 'match',
      criterion,
      topologyKey: key,
      countsTerminating: true,
      tracksLeast: false,
    });
    return avoid(counter, "node(s) didn't match pod anti-affinity rules");
  });
}

function foreignTests({ subject, acquire }: RuleContext): readonly TopologyTest[] {
  return repellents(subject).map(({ spec }) =>
    avoid(acquire(spec), "node(s) didn't satisfy existing pods anti-affinity rules"),
  );
}

/** Refuses the domains in which the counter counts any pod. */
function avoid(counter: Counter, refusal: string): TopologyTest {
  return {
    topologyKey: counter.spec.topologyKey,
    epoch: () => 0,
    admits: (slot) => counter.countAt(slot) === 0,
    explain: (_slot, sink) => sink.add(refusal, 'pods'),
  };
}
