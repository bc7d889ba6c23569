import { isJsonObject, type JsonObject, PatchError, refusePrototypeKey } from './patch-error.ts';

/** Words with which a strategic merge patch says more than values can. */
export const patchDirective = '$patch';
export const retainKeysDirective = '$retainKeys';
const orderPrefix = '$setElementOrder/';
const deletePrefix = '$deleteFromPrimitiveList/';

/** Beside a list: the order that its elements are wished to have. */
export function orderDirective(list: string): string {
  return orderPrefix + list;
}

/** Beside a list of values: those to take out of it. */
export function deleteListDirective(list: string): string {
  return deletePrefix + list;
}

export interface ListDirectives {
  /** The wished order of each list. */
  readonly orders: ReadonlyMap<string, readonly unknown[]>;
  /** Values to take out of each list of values. */
  readonly deletions: ReadonlyMap<string, readonly unknown[]>;
}

export function listDirectives(patch: JsonObject): ListDirectives {
  const orders = new Map<string, readonly unknown[]>();
  const deletions = new Map<string, readonly unknown[]>();
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(orderPrefix)) orders.set(key.slice(orderPrefix.length), asList(key, value));
    if (key.startsWith(deletePrefix)) deletions.set(key.slice(deletePrefix.length), asList(key, value));
  }
  return { orders, deletions };
}

export function isDirective(key: string): boolean {
  return (
    key === patchDirective || key === retainKeysDirective || key.startsWith(orderPrefix) || key.startsWith(deletePrefix)
  );
}

/** What a directive `$patch` says, or undefined when there is none. */
export function patchDirectiveOf(patch: JsonObject): 'replace' | 'delete' | 'merge' | undefined {
  if (!Object.hasOwn(patch, patchDirective)) return undefined;
  const word = patch[patchDirective];
  if (word === 'replace' || word === 'delete' || word === 'merge') return word;
  throw new PatchError(
    'malformed',
    `unknown patch type: $patch must be replace, delete or merge, got ${JSON.stringify(word)}`,
  );
}

/** The value that a patch puts where there was nothing: without directives, and without nulls, which only delete. */
export function plainValue(patch: unknown): unknown {
  if (Array.isArray(patch)) {
    return patch.filter((element) => !isDeletion(element)).map((element) => plainElement(element));
  }
  if (!isJsonObject(patch)) return patch;
  const plain: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(patch)) {
    refusePrototypeKey(key);
    if (!isDirective(key) && value !== null && !isDeleteMark(value)) plain[key] = plainValue(value);
  }
  return plain;
}

function plainElement(element: unknown): unknown {
  return typeof element === 'object' && element !== null ? plainValue(element) : element;
}

/** An element of a list that stands for an instruction alone. */
function isDeletion(element: unknown): boolean {
  return isDeleteMark(element) || isReplaceMark(element);
}

/** Where there is nothing to delete, nothing comes to be. */
export function isDeleteMark(value: unknown): boolean {
  return isJsonObject(value) && value[patchDirective] === 'delete';
}

/** `{"$patch":"replace"}` as an element: the list is replaced by the other elements. */
export function isReplaceMark(element: unknown): boolean {
  return isJsonObject(element) && element[patchDirective] === 'replace';
}

export function asList(key: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new PatchError('malformed', `${key} must be a list, got ${JSON.stringify(value)}`);
}
