/**
 * - `malformed`: the patch itself is wrong; answer 400.
 * - `inapplicable`: it does not fit the object, e.g. a failed `test`; answer 422.
 * - `too-large`: more operations or copied bytes than allowed; answer 413.
 */
export type PatchFault = 'malformed' | 'inapplicable' | 'too-large';

export class PatchError extends Error {
  readonly fault: PatchFault;

  constructor(fault: PatchFault, message: string) {
    super(message);
    this.name = 'PatchError';
    this.fault = fault;
  }
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A key that would change the prototype of whatever it is put into. */
export function refusePrototypeKey(key: string): void {
  if (key === '__proto__') throw new PatchError('malformed', 'the key "__proto__" is not accepted in a patch');
}

/** Deeper patches are attacks on the stack; no kind is a tenth as deep. */
const depthMax = 200;

export function checkDepth(value: unknown, depth = 0): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > depthMax) throw new PatchError('malformed', `the patch is nested more than ${depthMax} levels deep`);
  for (const inner of Object.values(value)) checkDepth(inner, depth + 1);
}
