import { type LabelRequirement, type LabelSelector, labelSelectorTerms, matchesLabels } from '@berth/api';

/** A label selector ready to be asked. Selectors with equal keys select the same. */
export interface CompiledSelector {
  readonly key: string;
  matches(labels: Readonly<Record<string, string>>): boolean;
}

/** The absent selector selects nothing, the empty one everything; `extra` requirements hold besides. */
export function compileSelector(
  selector: LabelSelector | undefined,
  extra: readonly LabelRequirement[] = [],
): CompiledSelector {
  const requirements = [...labelSelectorTerms(selector), ...extra].sort((left, right) =>
    left.key < right.key ? -1 : left.key > right.key ? 1 : 0,
  );
  return {
    key: JSON.stringify(requirements.map(({ key, operator, values }) => [key, operator, ...values])),
    matches: (labels) => matchesLabels(requirements, labels),
  };
}
