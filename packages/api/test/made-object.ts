import {
  type ApiObject,
  applyObjectDefaults,
  decodeObject,
  faultText,
  type Kind,
  prepareForCreate,
  prepareForUpdate,
  validateCreate,
  validateUpdate,
} from '@berth/api';

/** A new object as the server would make it from a body. */
export function madeObject<T extends ApiObject>(kind: Kind<T>, body: object): T {
  const { object, problems } = decodeObject(kind, body);
  if (problems.length > 0) throw new Error(`the test's own body is wrong: ${problems.join(', ')}`);
  applyObjectDefaults(kind, object);
  prepareForCreate(kind, object);
  return object as T;
}

/** Every fault of a new object, as texts. */
export function createFaults<T extends ApiObject>(kind: Kind<T>, body: object): readonly string[] {
  return validateCreate(kind, madeObject(kind, body)).map(faultText);
}

/** What an update of a stored object would store, and its faults. */
export function updated<T extends ApiObject>(
  kind: Kind<T>,
  old: T,
  body: object,
): { object: T; faults: readonly string[] } {
  const { object } = decodeObject(kind, body);
  applyObjectDefaults(kind, object);
  prepareForUpdate(kind, object, old);
  const next = object as T;
  return { object: next, faults: validateUpdate(kind, next, old).map(faultText) };
}
