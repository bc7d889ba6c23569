import {
  type LabelOperator,
  type LabelRequirement,
  matchesLabels,
  type NodeAffinity,
  type NodeSelectorRequirement,
  type NodeSelectorTerm,
  type PodSpec,
} from '@berth/api';
import { labelOf, type NodeFacts } from '../node/node-facts.ts';

/** Which nodes a pod names by label or field. Selections with equal keys select the same nodes. */
export interface NodeSelection {
  readonly key: string;
  matches(node: NodeFacts): boolean;
}

/** A preferred term and its weight, 1 to 100. */
export interface NodePreference extends NodeSelection {
  readonly weight: number;
}

const nameField = 'metadata.name';

/**
 * The one node that all required terms name, as the pods of a DaemonSet do; undefined for all other pods. Such pods
 * share a class, for the name is kept apart from it. Not for pods with spread constraints, which count by these terms.
 */
export function pinOf({ affinity, topologySpreadConstraints }: PodSpec): string | undefined {
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (terms === undefined || (topologySpreadConstraints ?? []).length > 0) return undefined;
  let pin: string | undefined;
  for (const { matchFields } of terms) {
    const field = matchFields?.[0];
    const isName = matchFields?.length === 1 && field?.key === nameField && field.operator === 'In';
    const name = isName && field.values?.length === 1 ? field.values[0] : undefined;
    if (name === undefined || (pin !== undefined && pin !== name)) return undefined;
    pin = name;
  }
  return pin;
}

/** `nodeSelector` and required node affinity together; undefined when the pod has neither. A pin is left out. */
export function nodeSelection(spec: PodSpec): NodeSelection | undefined {
  const labels = Object.entries(spec.nodeSelector ?? {}).sort(([left], [right]) => (left < right ? -1 : 1));
  const isPinned = pinOf(spec) !== undefined;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const terms = required?.map((term) =>
    compileTerm(isPinned ? { matchExpressions: term.matchExpressions ?? [] } : term, isPinned),
  );
  if (labels.length === 0 && (terms === undefined || (isPinned && terms.some((term) => term.key === '[]'))))
    return undefined;
  return {
    key: JSON.stringify([labels, terms?.map((term) => term.key) ?? null]),
    matches: (node) =>
      labels.every(([key, value]) => labelOf(node.labels, key) === value) &&
      (terms === undefined || terms.some((term) => term.matches(node))),
  };
}

export function nodePreferences(affinity: NodeAffinity | undefined): readonly NodePreference[] {
  const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return preferred.map(({ weight, preference }) => ({ weight, ...compileTerm(preference, true) }));
}

/** A term without any requirement matches no node when it is required, every node when it is preferred. */
export function compileTerm(term: NodeSelectorTerm, whenEmpty: boolean): NodeSelection {
  const labels = (term.matchExpressions ?? []).map(requirementOf);
  const fields = (term.matchFields ?? []).map(requirementOf);
  const isEmpty = labels.length + fields.length === 0;
  return {
    key: isEmpty ? '[]' : JSON.stringify([labels.map(keyOf).sort(), fields.map(keyOf).sort()]),
    matches: (node) =>
      isEmpty
        ? whenEmpty
        : matchesLabels(labels, node.labels) &&
          (fields.length === 0 || matchesLabels(fields, { [nameField]: node.name })),
  };
}

const operators: Readonly<Record<string, LabelOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
};

function requirementOf({ key, operator, values }: NodeSelectorRequirement): LabelRequirement {
  return { key, operator: operators[operator] ?? 'never', values: [...(values ?? [])].sort() };
}

function keyOf({ key, operator, values }: LabelRequirement): string {
  return JSON.stringify([key, operator, ...values]);
}
