/** One term of a label selector. `never` is what the absent selector means: it selects nothing. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  /** Sorted; empty for `exists`, `!` and `never`, one for `=`, `!=`, `gt` and `lt`. */
  readonly values: readonly string[];
}

export type LabelOperator = '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt' | 'never';

/** All must hold; the empty list selects everything. */
export type LabelRequirements = readonly LabelRequirement[];

export type Labels = Readonly<Record<string, string>>;

export const selectsNothing: LabelRequirements = [{ key: '', operator: 'never', values: [] }];
export const selectsEverything: LabelRequirements = [];

const noLabels: Labels = {};

export function matchesLabels(requirements: LabelRequirements, labels: Labels = noLabels): boolean {
  for (const requirement of requirements) if (!holds(requirement, labels)) return false;
  return true;
}

function holds({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case '=':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt':
      return value !== undefined && comparesAs(operator, value, values[0] ?? '');
    case 'never':
      return false;
    default:
      return unreachable(operator);
  }
}

const wholeNumber = /^[+-]?[0-9]{1,18}$/;

function comparesAs(operator: 'gt' | 'lt', value: string, bound: string): boolean {
  if (!wholeNumber.test(value) || !wholeNumber.test(bound)) return false;
  return operator === 'gt' ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound);
}

/** The text form, as the `status.selector` of a Scale or a query: `app=web,tier in (a,b),!old`. */
export function printLabelRequirements(requirements: LabelRequirements): string {
  return requirements.map(printRequirement).join(',');
}

function printRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case '=':
    case '!=':
      return `${key}${operator}${values[0]}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.join(',')})`;
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'gt':
      return `${key}>${values[0]}`;
    case 'lt':
      return `${key}<${values[0]}`;
    case 'never':
      return '<none>';
    default:
      return unreachable(operator);
  }
}

function unreachable(operator: never): never {
  throw new TypeError(`unknown label operator ${String(operator)}`);
}
