import type { Fault } from '../errors/fault.ts';
import { FaultList } from '../errors/fault-list.ts';
import type { ObjectMeta } from '../meta/v1/object-meta.ts';
import { validateFields } from '../schema/field-validation.ts';
import { checkImmutableFields } from '../schema/immutability.ts';
import type { ApiObject } from './api-object.ts';
import type { Kind } from './kind.ts';

/** All broken rules of an object that is to be stored for the first time; empty when it is good. */
export function validateCreate<T extends ApiObject>(kind: Kind<T>, object: T): readonly Fault[] {
  const faults = new FaultList();
  checkNames(kind, object.metadata, faults);
  validateFields(kind.message, object, faults);
  kind.checkCreate?.(object, faults);
  return faults.faults;
}

/** All broken rules of an object that is to replace `old`. */
export function validateUpdate<T extends ApiObject>(kind: Kind<T>, object: T, old: T): readonly Fault[] {
  const faults = new FaultList();
  checkMetadataUpdate(object.metadata, old.metadata, faults);
  validateFields(kind.message, object, faults);
  checkImmutableFields(kind.message, object, old, faults);
  kind.checkUpdate?.(object, old, faults);
  return faults.faults;
}

/** All broken rules of a write to `/status`. The rest of the object is not looked at again. */
export function validateStatusUpdate<T extends ApiObject>(kind: Kind<T>, object: T, old: T): readonly Fault[] {
  const faults = new FaultList();
  checkMetadataUpdate(object.metadata, old.metadata, faults);
  for (const name of ['metadata', 'status']) {
    const type = kind.message.fieldsByName.get(name)?.type;
    const value = (object as unknown as Readonly<Record<string, unknown>>)[name];
    if (type?.kind === 'message' && value !== undefined) {
      faults.within(name, () => validateFields(type.message, value as object, faults));
    }
  }
  kind.checkStatusUpdate?.(object, old, faults);
  return faults.faults;
}

function checkNames(kind: Kind, { name = '', generateName, namespace }: ObjectMeta, faults: FaultList): void {
  faults.enter('metadata');
  if (name === '') faults.required('name', 'name or generateName is required');
  else {
    const fault = kind.nameFault(name);
    if (fault !== undefined) faults.invalid('name', name, fault);
  }
  if (generateName !== undefined) {
    // The random end follows, so a dash may stand last.
    const fault = kind.nameFault(generateName.replace(/-$/, 'a'));
    if (fault !== undefined) faults.invalid('generateName', generateName, fault);
  }
  if (kind.namespaced && namespace === undefined) faults.required('namespace');
  if (!kind.namespaced && namespace !== undefined) faults.forbidden('namespace', 'not allowed on this type');
  faults.leave();
}

const fixedMetadata = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const satisfies readonly (keyof ObjectMeta)[];

function checkMetadataUpdate(next: ObjectMeta, old: ObjectMeta, faults: FaultList): void {
  faults.enter('metadata');
  for (const field of fixedMetadata) {
    if (next[field] !== old[field]) faults.invalid(field, next[field] ?? '', 'field is immutable');
  }
  if (old.deletionTimestamp !== undefined) {
    const added = (next.finalizers ?? []).filter((finalizer) => !old.finalizers?.includes(finalizer));
    if (added.length > 0) {
      const rule = `no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`;
      faults.forbidden('finalizers', rule);
    }
  }
  faults.leave();
}
