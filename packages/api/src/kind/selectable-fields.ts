import type { FieldRequirements } from '../selector/field-query.ts';
import type { ApiObject } from './api-object.ts';
import type { Kind } from './kind.ts';

/** How `matchesFields` reads the fields of an object. Unknown fields read as empty; refuse them first. */
export function fieldReader<T extends ApiObject>(kind: Kind<T>, object: T): (field: string) => string {
  return (field) => {
    if (field === 'metadata.name') return object.metadata.name ?? '';
    if (field === 'metadata.namespace') return object.metadata.namespace ?? '';
    return Object.hasOwn(kind.selectableFields, field) ? (kind.selectableFields[field]?.(object) ?? '') : '';
  };
}

/** Fields of a selector that the kind cannot be selected by: answer `field label not supported: x`. */
export function unselectableFields(kind: Kind, requirements: FieldRequirements): readonly string[] {
  return requirements.map(({ field }) => field).filter((field) => !isSelectable(kind, field));
}

function isSelectable(kind: Kind, field: string): boolean {
  return field === 'metadata.name' || field === 'metadata.namespace' || Object.hasOwn(kind.selectableFields, field);
}
