import type { LabelSelector } from '../meta/v1/label-selector.ts';
import {
  type LabelOperator,
  type LabelRequirement,
  type LabelRequirements,
  selectsNothing,
} from './label-requirement.ts';

const operators: Readonly<Record<string, LabelOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

/**
 * The terms of a validated selector object. The absent selector selects nothing, the empty one everything. An operator that
 * validation does not know selects nothing.
 */
export function labelSelectorTerms(selector: LabelSelector | undefined): LabelRequirements {
  if (selector === undefined) return selectsNothing;
  const requirements: LabelRequirement[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels ?? {}))
    requirements.push({ key, operator: '=', values: [value] });
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    requirements.push({ key, operator: operators[operator] ?? 'never', values: [...values].sort() });
  }
  return requirements.sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0));
}
