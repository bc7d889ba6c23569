import type { FaultList } from '../../errors/fault-list.ts';
import { checkDataKey } from '../../text/name-format.ts';
import type { LocalObjectReference } from './object-reference.ts';

/** A reference must name its object. */
export function checkReference(field: string, reference: LocalObjectReference, faults: FaultList): void {
  if (reference.name === undefined || reference.name === '') faults.required(`${field}.name`);
}

/** A reference to one key of a ConfigMap or Secret. */
export function checkKeyReference(
  field: string,
  reference: LocalObjectReference & { readonly key: string },
  faults: FaultList,
): void {
  checkReference(field, reference, faults);
  const fault = reference.key === undefined || reference.key === '' ? undefined : checkDataKey(reference.key);
  if (fault !== undefined) faults.invalid(`${field}.key`, reference.key, fault);
}
