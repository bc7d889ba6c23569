import type { StatusCause } from '../meta/v1/status.ts';
import { ApiError } from './api-error.ts';

export type FaultKind =
  | 'required'
  | 'invalid'
  | 'duplicate'
  | 'unsupported'
  | 'forbidden'
  | 'too-long'
  | 'too-many'
  | 'not-found';

/** One broken rule of one field. */
export interface Fault {
  readonly kind: FaultKind;
  /** e.g. `spec.containers[0].name`. */
  readonly path: string;
  /** Without the path, e.g. `Required value: must name an image`. */
  readonly body: string;
}

const causeReasons: Readonly<Record<FaultKind, string>> = {
  required: 'FieldValueRequired',
  invalid: 'FieldValueInvalid',
  duplicate: 'FieldValueDuplicate',
  unsupported: 'FieldValueNotSupported',
  forbidden: 'FieldValueForbidden',
  'too-long': 'FieldValueTooLong',
  'too-many': 'FieldValueTooMany',
  'not-found': 'FieldValueNotFound',
};

export function faultText(fault: Fault): string {
  return `${fault.path}: ${fault.body}`;
}

/** How many faults of one object are reported; the rest is counted. */
const faultsShownMax = 100;

/** 422 for an object that breaks rules, e.g. `Pod "x" is invalid: spec.containers: Required value`. */
export function invalid(
  subject: { readonly group: string; readonly kind: string },
  name: string,
  faults: readonly Fault[],
): ApiError {
  const shown = faults.slice(0, faultsShownMax);
  const texts = shown.map(faultText);
  if (faults.length > shown.length) texts.push(`and ${faults.length - shown.length} more`);
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const qualified = subject.group === '' ? subject.kind : `${subject.kind}.${subject.group}`;
  return new ApiError('Invalid', `${qualified} "${name}" is invalid: ${list}`, {
    name,
    ...(subject.group === '' ? {} : { group: subject.group }),
    kind: subject.kind,
    causes: shown.map(toCause),
  });
}

function toCause(fault: Fault): StatusCause {
  return { reason: causeReasons[fault.kind], message: fault.body, field: fault.path };
}
