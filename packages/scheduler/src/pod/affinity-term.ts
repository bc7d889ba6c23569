import type { LabelRequirement, PodAffinityTerm } from '@berth/api';
import { labelOf } from '../node/node-facts.ts';
import type { Criterion } from '../topology/counter.ts';
import { compileSelector } from './label-selector.ts';
import type { LabelSet } from './label-set.ts';
import type { NamespaceTable } from './namespace-table.ts';

/** A term of pod affinity with everything filled in that it takes from the pod that carries it. */
export interface ResolvedTerm {
  readonly topologyKey: string;
  readonly criterion: Criterion;
}

/**
 * `matchLabelKeys` and `mismatchLabelKeys` stand for the carrier's own label values; without any namespace the term means
 * the carrier's own.
 */
export function resolveTerm(term: PodAffinityTerm, carrier: LabelSet, namespaces: NamespaceTable): ResolvedTerm {
  const selector = compileSelector(term.labelSelector, [
    ...ownValues(term.matchLabelKeys, carrier, 'in'),
    ...ownValues(term.mismatchLabelKeys, carrier, 'notin'),
  ]);
  const named = new Set(term.namespaces ?? []);
  const bySelector = term.namespaceSelector === undefined ? undefined : compileSelector(term.namespaceSelector);
  if (named.size === 0 && bySelector === undefined) named.add(carrier.namespace);
  const criterion: Criterion = {
    key: JSON.stringify([[...named].sort(), bySelector?.key ?? null, selector.key]),
    readsNamespaceLabels: bySelector !== undefined,
    matches: (pod) =>
      (named.has(pod.namespace) || bySelector?.matches(namespaces.labelsOf(pod.namespace)) === true) &&
      selector.matches(pod.labels),
  };
  return { topologyKey: term.topologyKey, criterion };
}

/** Pods that meet all of several criteria: required affinity counts only pods that satisfy every term. */
export function allOf(criteria: readonly Criterion[]): Criterion {
  const [only] = criteria;
  if (criteria.length === 1 && only !== undefined) return only;
  return {
    key: JSON.stringify(criteria.map((criterion) => criterion.key)),
    readsNamespaceLabels: criteria.some((criterion) => criterion.readsNamespaceLabels === true),
    matches: (pod) => criteria.every((criterion) => criterion.matches(pod)),
  };
}

/** Requirements that hold for pods whose label has the carrier's value; keys that the carrier lacks say nothing. */
export function ownValues(
  keys: readonly string[] | undefined,
  carrier: LabelSet,
  operator: 'in' | 'notin',
): readonly LabelRequirement[] {
  return (keys ?? []).flatMap((key) => {
    const value = labelOf(carrier.labels, key);
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  });
}
