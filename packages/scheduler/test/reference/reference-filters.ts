import type { Node, Pod, Taint, TopologySpreadConstraint } from '@berth/api';
import {
  allocatableOf,
  labelsOf,
  nameOf,
  podsInDomain,
  podsOn,
  type ReferenceCluster,
  requestOf,
} from './reference-cluster.ts';
import { matchesNodeAffinity, selects, termMeans } from './reference-selectors.ts';

const resources = ['cpu', 'memory', 'pods', 'example.com/widget'];

/** The reasons of the first rule that keeps the pod off the node; empty when it fits. */
export function refusals(cluster: ReferenceCluster, pod: Pod, node: Node): readonly string[] {
  const rules = [unschedulable, taints, nodeAffinity, hostPorts, fit, spread, affinity];
  for (const rule of rules) {
    const reasons = rule(cluster, pod, node);
    if (reasons.length > 0) return reasons;
  }
  return [];
}

type Rule = (cluster: ReferenceCluster, pod: Pod, node: Node) => readonly string[];

const unschedulable: Rule = (_cluster, pod, node) => {
  const cordon: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
  return node.spec.unschedulable === true && !isTolerated(pod, cordon) ? ['node(s) were unschedulable'] : [];
};

const taints: Rule = (_cluster, pod, node) => {
  const taint = firstUntolerated(pod, node);
  return taint === undefined ? [] : [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`];
};

function firstUntolerated(pod: Pod, node: Node): Taint | undefined {
  return (node.spec.taints ?? []).find((taint) => taint.effect !== 'PreferNoSchedule' && !isTolerated(pod, taint));
}

export function isTolerated(pod: Pod, taint: Taint): boolean {
  return (pod.spec.tolerations ?? []).some(
    ({ key = '', operator = 'Equal', value = '', effect = '' }) =>
      (effect === '' || effect === taint.effect) &&
      (key === '' ? operator === 'Exists' : key === taint.key) &&
      (operator === 'Exists' || value === (taint.value ?? '')),
  );
}

const nodeAffinity: Rule = (_cluster, pod, node) =>
  matchesNodeAffinity(pod, node) ? [] : ["node(s) didn't match Pod's node affinity/selector"];

const hostPorts: Rule = (cluster, pod, node) => {
  const portsOf = (of: Pod) =>
    of.spec.containers.flatMap(({ ports = [] }) => ports.filter(({ hostPort = 0 }) => hostPort > 0));
  const taken = podsOn(cluster, node).flatMap(portsOf);
  const clash = portsOf(pod).some((wanted) =>
    taken.some((other) => {
      const addresses = [wanted.hostIP ?? '0.0.0.0', other.hostIP ?? '0.0.0.0'];
      return (
        wanted.hostPort === other.hostPort &&
        (wanted.protocol ?? 'TCP') === (other.protocol ?? 'TCP') &&
        (addresses[0] === addresses[1] || addresses.includes('0.0.0.0'))
      );
    }),
  );
  return clash ? ["node(s) didn't have free ports for the requested pod ports"] : [];
};

const fit: Rule = (cluster, pod, node) =>
  resources.flatMap((resource) => {
    const used = podsOn(cluster, node).reduce((sum, other) => sum + requestOf(other, resource), 0);
    const wanted = requestOf(pod, resource);
    if (wanted === 0 || used + wanted <= allocatableOf(node, resource)) return [];
    return [resource === 'pods' ? 'Too many pods' : `Insufficient ${resource}`];
  });

const spread: Rule = (cluster, pod, node) => {
  const text = "node(s) didn't match pod topology spread constraints";
  const hard = (pod.spec.topologySpreadConstraints ?? []).filter((each) => each.whenUnsatisfiable === 'DoNotSchedule');
  for (const constraint of hard) {
    if (labelsOf(node)[constraint.topologyKey] === undefined) return [`${text} (missing required label)`];
    if (!skewHolds(cluster, pod, node, constraint, hard)) return [text];
  }
  return [];
};

function skewHolds(
  cluster: ReferenceCluster,
  pod: Pod,
  node: Node,
  constraint: TopologySpreadConstraint,
  hard: readonly TopologySpreadConstraint[],
): boolean {
  const { topologyKey, maxSkew, minDomains = 1 } = constraint;
  const counts = new Map<string, number>();
  for (const other of cluster.nodes) {
    if (!isCounted(pod, other, constraint)) continue;
    if (hard.some((each) => labelsOf(other)[each.topologyKey] === undefined)) continue;
    const domain = labelsOf(other)[topologyKey] as string;
    const here = podsOn(cluster, other).filter((peer) => isPeer(pod, peer, constraint)).length;
    counts.set(domain, (counts.get(domain) ?? 0) + here);
  }
  const least = counts.size < minDomains || counts.size === 0 ? 0 : Math.min(...counts.values());
  const own = isPeer(pod, { ...pod, metadata: { ...pod.metadata } }, constraint) ? 1 : 0;
  return (counts.get(labelsOf(node)[topologyKey] as string) ?? 0) + own - least <= maxSkew;
}

/** Whether a node's pods and domain count for a constraint. */
export function isCounted(pod: Pod, node: Node, constraint: TopologySpreadConstraint): boolean {
  if (labelsOf(node)[constraint.topologyKey] === undefined) return false;
  if (constraint.nodeAffinityPolicy !== 'Ignore' && !matchesNodeAffinity(pod, node)) return false;
  return constraint.nodeTaintsPolicy !== 'Honor' || firstUntolerated(pod, node) === undefined;
}

/** Whether `peer` is one of the pods that a constraint of `pod` counts. */
export function isPeer(pod: Pod, peer: Pod, constraint: TopologySpreadConstraint): boolean {
  return (
    peer.metadata.namespace === pod.metadata.namespace &&
    peer.metadata.deletionTimestamp === undefined &&
    selects(constraint.labelSelector, labelsOf(peer)) &&
    (constraint.matchLabelKeys ?? []).every(
      (key) => labelsOf(pod)[key] === undefined || labelsOf(peer)[key] === labelsOf(pod)[key],
    )
  );
}

const affinity: Rule = (cluster, pod, node) => {
  const near = pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const away = pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const isFriend = (other: Pod) => near.every((term) => termMeans(cluster, term, pod, other));
  const hasKeys = near.every(({ topologyKey }) => labelsOf(node)[topologyKey] !== undefined);
  const isMet = near.every(({ topologyKey }) => podsInDomain(cluster, node, topologyKey).some(isFriend));
  const isAlone = !near.some(({ topologyKey }) =>
    cluster.nodes.some((other) => labelsOf(other)[topologyKey] !== undefined && podsOn(cluster, other).some(isFriend)),
  );
  if (near.length > 0 && !(hasKeys && (isMet || (isAlone && isFriend(pod)))))
    return ["node(s) didn't match pod affinity rules"];
  for (const term of away)
    if (podsInDomain(cluster, node, term.topologyKey).some((other) => termMeans(cluster, term, pod, other)))
      return ["node(s) didn't match pod anti-affinity rules"];
  const repels = (other: Pod) =>
    (other.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).some((term) => {
      const home = cluster.nodes.find((each) => nameOf(each) === other.spec.nodeName);
      const value = home === undefined ? undefined : labelsOf(home)[term.topologyKey];
      return value !== undefined && value === labelsOf(node)[term.topologyKey] && termMeans(cluster, term, other, pod);
    });
  return cluster.placed.some(repels) ? ["node(s) didn't satisfy existing pods anti-affinity rules"] : [];
};
