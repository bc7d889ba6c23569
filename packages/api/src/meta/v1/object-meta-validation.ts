import type { FaultList } from '../../errors/fault-list.ts';
import { utf8Length } from '../../schema/field-validation.ts';
import { checkLabelValue, checkQualifiedName } from '../../text/name-format.ts';
import type { ObjectMeta, OwnerReference } from './object-meta.ts';

/** All keys and values of the annotations of one object together. */
const annotationsBytesMax = 256 * 1024;
const plainFinalizers: ReadonlySet<string> = new Set(['foregroundDeletion', 'kubernetes', 'orphan']);

/** Rules for labels, annotations, owners and finalizers; names are the business of each kind. */
export function checkObjectMeta(meta: ObjectMeta, faults: FaultList): void {
  checkLabels('labels', meta.labels, faults);
  checkAnnotations(meta.annotations, faults);
  checkOwners(meta.ownerReferences, faults);
  meta.finalizers?.forEach((finalizer, index) => {
    checkFinalizer(`finalizers[${index}]`, finalizer, faults);
  });
}

/** A map of label keys to label values, also where it selects. */
export function checkLabels(field: string, labels: ObjectMeta['labels'], faults: FaultList): void {
  if (labels === undefined) return;
  for (const [key, value] of Object.entries(labels)) {
    const keyFault = checkQualifiedName(key);
    if (keyFault !== undefined) faults.invalid(field, key, keyFault);
    const valueFault = checkLabelValue(value);
    if (valueFault !== undefined) faults.invalid(field, value, valueFault);
  }
}

function checkFinalizer(field: string, finalizer: string, faults: FaultList): void {
  const fault = checkQualifiedName(finalizer);
  if (fault !== undefined) faults.invalid(field, finalizer, fault);
  else if (!finalizer.includes('/') && !plainFinalizers.has(finalizer)) {
    faults.invalid(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified');
  }
}

function checkAnnotations(annotations: ObjectMeta['annotations'], faults: FaultList): void {
  if (annotations === undefined) return;
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    const fault = checkQualifiedName(key.toLowerCase());
    if (fault !== undefined) faults.invalid('annotations', key, fault);
    bytes += utf8Length(key) + utf8Length(value);
  }
  if (bytes > annotationsBytesMax) faults.tooLong('annotations', annotationsBytesMax);
}

function checkOwners(owners: readonly OwnerReference[] | undefined, faults: FaultList): void {
  const controllers = owners?.filter((owner) => owner.controller === true) ?? [];
  if (controllers.length <= 1) return;
  const names = controllers.map((owner) => owner.name).join(' and ');
  const rule = `Only one reference can have Controller set to true. Found "true" in references for ${names}`;
  faults.invalid('ownerReferences', owners, rule);
}
