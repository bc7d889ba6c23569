import type { LabelSelector, Node, NodeSelectorTerm, Pod, PodAffinityTerm } from '@berth/api';
import { labelsOf, nameOf, type ReferenceCluster } from './reference-cluster.ts';

type Labels = Readonly<Record<string, string>>;

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

function requirementHolds({ key, operator, values = [] }: Requirement, labels: Labels): boolean {
  const value = labels[key];
  if (operator === 'Exists') return value !== undefined;
  if (operator === 'DoesNotExist') return value === undefined;
  if (operator === 'In') return value !== undefined && values.includes(value);
  if (operator === 'NotIn') return value === undefined || !values.includes(value);
  if (operator === 'Gt') return value !== undefined && Number(value) > Number(values[0]);
  return value !== undefined && Number(value) < Number(values[0]);
}

export function selects(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (selector === undefined) return false;
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (selector.matchExpressions ?? []).every((requirement) => requirementHolds(requirement, labels))
  );
}

/** A term without requirements selects nothing where nodes are demanded. */
export function termSelectsNode(term: NodeSelectorTerm, node: Node): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  return (
    expressions.length + fields.length > 0 &&
    expressions.every((requirement) => requirementHolds(requirement, labelsOf(node))) &&
    fields.every((requirement) => requirementHolds(requirement, { 'metadata.name': nameOf(node) }))
  );
}

export function matchesNodeAffinity(pod: Pod, node: Node): boolean {
  const { nodeSelector = {}, affinity } = pod.spec;
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return (
    Object.entries(nodeSelector).every(([key, value]) => labelsOf(node)[key] === value) &&
    (terms === undefined || terms.some((term) => termSelectsNode(term, node)))
  );
}

/** Whether a term of pod affinity that `carrier` carries means the pod `other`. */
export function termMeans(cluster: ReferenceCluster, term: PodAffinityTerm, carrier: Pod, other: Pod): boolean {
  const namespace = other.metadata.namespace ?? '';
  const isInNamespace =
    (term.namespaces ?? []).includes(namespace) ||
    (term.namespaceSelector !== undefined && selects(term.namespaceSelector, cluster.namespaces[namespace] ?? {})) ||
    ((term.namespaces ?? []).length === 0 &&
      term.namespaceSelector === undefined &&
      namespace === carrier.metadata.namespace);
  if (!isInNamespace || !selects(term.labelSelector, labelsOf(other))) return false;
  const own = labelsOf(carrier);
  return (
    (term.matchLabelKeys ?? []).every((key) => own[key] === undefined || labelsOf(other)[key] === own[key]) &&
    (term.mismatchLabelKeys ?? []).every((key) => own[key] === undefined || labelsOf(other)[key] !== own[key])
  );
}
