import type { TopologySpreadConstraint } from '@berth/api';
import { labelOf, type NodeFacts } from '../node/node-facts.ts';
import type { DefaultSpread, RuleSettings, Subject } from '../rule/rule.ts';
import type { Criterion, Inclusion } from '../topology/counter.ts';
import { ownValues } from './affinity-term.ts';
import { compileSelector } from './label-selector.ts';
import { untolerated } from './toleration.ts';

/** A constraint with everything filled in that it takes from the pod. */
export interface ResolvedSpread {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly criterion: Criterion;
  readonly inclusion: Inclusion | undefined;
  /** Whether the pod itself is one of those counted. */
  readonly countsItself: boolean;
  readonly key: string;
}

const effects = ['NoSchedule', 'NoExecute'];

/** The constraints that must hold (`DoNotSchedule`). A node that lacks any of their keys counts for none. */
export function hardSpread(subject: Subject): readonly ResolvedSpread[] {
  const hard = subject.spec.spread.filter((constraint) => constraint.whenUnsatisfiable === 'DoNotSchedule');
  const keys = [...new Set(hard.map((constraint) => constraint.topologyKey))].sort();
  return hard.map((constraint) => resolve(constraint, subject, keys));
}

/** The constraints that should hold; a profile's own for pods that have an owner and no constraints at all. */
export function softSpread(subject: Subject, settings: RuleSettings): readonly ResolvedSpread[] {
  const { spec, labels } = subject;
  if (spec.spread.length > 0)
    return spec.spread
      .filter((constraint) => constraint.whenUnsatisfiable === 'ScheduleAnyway')
      .map((constraint) => resolve(constraint, subject, []));
  if (labels.owner === '') return [];
  return settings.defaultSpread.map((wish) => ofOwner(wish, subject));
}

function ofOwner({ topologyKey, maxSkew }: DefaultSpread, { spec, labels }: Subject): ResolvedSpread {
  const { owner } = labels;
  const criterion: Criterion = { key: `owner ${owner}`, owner, matches: (pod) => pod.owner === owner };
  const inclusion = inclusionOf(spec, { affinity: true, taints: false, keys: [] });
  const key = `${topologyKey} ${maxSkew} ${criterion.key} ${inclusion?.key ?? ''}`;
  return { topologyKey, maxSkew, minDomains: 1, criterion, inclusion, countsItself: true, key };
}

function resolve(
  constraint: TopologySpreadConstraint,
  { spec, labels }: Subject,
  keys: readonly string[],
): ResolvedSpread {
  const { topologyKey, maxSkew, minDomains = 1, labelSelector, matchLabelKeys } = constraint;
  const selector = compileSelector(labelSelector, ownValues(matchLabelKeys, labels, 'in'));
  const { namespace } = labels;
  const criterion: Criterion = {
    key: JSON.stringify([namespace, selector.key]),
    matches: (pod) => pod.namespace === namespace && selector.matches(pod.labels),
  };
  const inclusion = inclusionOf(spec, {
    affinity: constraint.nodeAffinityPolicy !== 'Ignore',
    taints: constraint.nodeTaintsPolicy === 'Honor',
    keys,
  });
  const countsItself = criterion.matches(labels);
  const key = JSON.stringify([topologyKey, maxSkew, minDomains, criterion.key, inclusion?.key ?? '', countsItself]);
  return { topologyKey, maxSkew, minDomains, criterion, inclusion, countsItself, key };
}

interface Policy {
  readonly affinity: boolean;
  readonly taints: boolean;
  /** Labels that a node must have. */
  readonly keys: readonly string[];
}

/** Which nodes and the pods on them count; undefined means all. */
function inclusionOf(spec: Subject['spec'], { affinity, taints, keys }: Policy): Inclusion | undefined {
  const selection = affinity ? spec.selection : undefined;
  if (selection === undefined && !taints && keys.length < 2) return undefined;
  const includes = (node: NodeFacts): boolean =>
    keys.every((key) => labelOf(node.labels, key) !== undefined) &&
    (selection === undefined || selection.matches(node)) &&
    (!taints || untolerated(node.taints, spec.tolerations, effects) === undefined);
  return { key: JSON.stringify([selection?.key ?? null, taints ? spec.tolerations : null, keys]), includes };
}
