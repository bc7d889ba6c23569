import type { Node, Pod, PodAffinityTerm } from '@berth/api';
import {
  allocatableOf,
  labelsOf,
  podsInDomain,
  podsOn,
  type ReferenceCluster,
  requestOf,
} from './reference-cluster.ts';
import { isCounted, isPeer, isTolerated } from './reference-filters.ts';
import { termMeans, termSelectsNode } from './reference-selectors.ts';

const zoneKey = 'topology.kubernetes.io/zone';
const hostKey = 'kubernetes.io/hostname';

/** The score of a node under the packing profile, as documented. */
export function scoreOf(cluster: ReferenceCluster, pod: Pod, node: Node): number {
  return (
    3 * taintScore(pod, node) +
    2 * preferenceScore(pod, node) +
    2 * spreadScore(cluster, pod, node) +
    2 * affinityScore(cluster, pod, node) +
    packScore(cluster, pod, node)
  );
}

function taintScore(pod: Pod, node: Node): number {
  const wishes = (node.spec.taints ?? []).filter(
    (taint) => taint.effect === 'PreferNoSchedule' && !isTolerated(pod, taint),
  );
  return -100 * wishes.length;
}

function preferenceScore(pod: Pod, node: Node): number {
  const terms = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const total = terms.reduce((sum, { weight }) => sum + weight, 0);
  const met = terms.reduce((sum, { weight, preference }) => sum + (termSelectsNode(preference, node) ? weight : 0), 0);
  return total === 0 ? 0 : Math.floor((100 * met) / total);
}

function spreadScore(cluster: ReferenceCluster, pod: Pod, node: Node): number {
  const constraints = pod.spec.topologySpreadConstraints ?? [];
  if (constraints.length === 0) return ownerScore(cluster, pod, node);
  let score = 0;
  for (const constraint of constraints) {
    if (constraint.whenUnsatisfiable !== 'ScheduleAnyway') continue;
    const value = labelsOf(node)[constraint.topologyKey];
    if (value === undefined) {
      score -= 1000;
      continue;
    }
    const domain = cluster.nodes.filter(
      (other) => labelsOf(other)[constraint.topologyKey] === value && isCounted(pod, other, constraint),
    );
    const peers = domain.flatMap((other) => podsOn(cluster, other)).filter((peer) => isPeer(pod, peer, constraint));
    score -= Math.floor((100 / constraint.maxSkew) * peers.length);
  }
  return score;
}

function ownerScore(cluster: ReferenceCluster, pod: Pod, node: Node): number {
  const owner = pod.metadata.ownerReferences?.[0]?.uid;
  if (owner === undefined) return 0;
  const siblings = (key: string): number => {
    const constraint = { maxSkew: 1, topologyKey: key, whenUnsatisfiable: 'ScheduleAnyway' };
    const domain = cluster.nodes.filter(
      (other) => labelsOf(other)[key] === labelsOf(node)[key] && isCounted(pod, other, constraint),
    );
    if (labelsOf(node)[key] === undefined) return 0;
    return domain
      .flatMap((other) => podsOn(cluster, other))
      .filter(
        (other) => other.metadata.deletionTimestamp === undefined && other.metadata.ownerReferences?.[0]?.uid === owner,
      ).length;
  };
  return -100 * siblings(zoneKey) - Math.floor((100 / 3) * siblings(hostKey));
}

function affinityScore(cluster: ReferenceCluster, pod: Pod, node: Node): number {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  const count = (term: PodAffinityTerm): number =>
    podsInDomain(cluster, node, term.topologyKey).filter((other) => termMeans(cluster, term, pod, other)).length;
  let score = 0;
  for (const { weight, podAffinityTerm } of podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
    score += nearness(weight, count(podAffinityTerm));
  for (const { weight, podAffinityTerm } of podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
    score -= weight * count(podAffinityTerm);
  return score + scoreOfOthers(cluster, pod, node);
}

function nearness(weight: number, count: number): number {
  return count === 0 ? 0 : weight - Math.floor(weight / (1 + count));
}

/** Terms that placed pods carry count once per distinct term, by the number of pods in the domain that carry it. */
function scoreOfOthers(cluster: ReferenceCluster, pod: Pod, node: Node): number {
  const terms = new Map<string, { readonly weight: number; readonly wants: 'near' | 'away'; count: number }>();
  for (const other of cluster.placed) {
    const { podAffinity, podAntiAffinity } = other.spec.affinity ?? {};
    const carried = [
      ...(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => ({
        term,
        weight: 0,
        wants: 'near' as const,
      })),
      ...(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((each) => ({
        term: each.podAffinityTerm,
        weight: each.weight,
        wants: 'near' as const,
      })),
      ...(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((each) => ({
        term: each.podAffinityTerm,
        weight: each.weight,
        wants: 'away' as const,
      })),
    ];
    for (const { term, weight, wants } of carried) {
      if (!termMeans(cluster, term, other, pod)) continue;
      const isHere = podsInDomain(cluster, node, term.topologyKey).includes(other);
      const key = JSON.stringify([resolved(term, other), weight, wants]);
      const known = terms.get(key) ?? { weight, wants, count: 0 };
      if (isHere) known.count += 1;
      terms.set(key, known);
    }
  }
  let score = 0;
  for (const { weight, wants, count } of terms.values())
    score += wants === 'near' ? nearness(weight === 0 ? 1 : weight, count) : -weight * count;
  return score;
}

/** A term with what it takes from its carrier, so that the same term of two carriers is one. */
function resolved(term: PodAffinityTerm, carrier: Pod): unknown {
  const values = (keys: readonly string[] = []) =>
    keys.filter((key) => labelsOf(carrier)[key] !== undefined).map((key) => [key, labelsOf(carrier)[key]]);
  const isOwnNamespace = (term.namespaces ?? []).length === 0 && term.namespaceSelector === undefined;
  return [
    term.topologyKey,
    isOwnNamespace ? [carrier.metadata.namespace] : term.namespaces,
    term.namespaceSelector,
    term.labelSelector,
    values(term.matchLabelKeys),
    values(term.mismatchLabelKeys),
  ];
}

function packScore(cluster: ReferenceCluster, pod: Pod, node: Node): number {
  const weighed = (of: Pod, resource: string): number =>
    requestOf(of, resource) || (resource === 'cpu' ? 100 : 200 * 1024 * 1024);
  const share = (resource: string): number => {
    const used = [...podsOn(cluster, node), pod].reduce((sum, each) => sum + weighed(each, resource), 0);
    return Math.min(1, used / allocatableOf(node, resource));
  };
  return Math.floor((100 * (share('cpu') + share('memory'))) / 2);
}
