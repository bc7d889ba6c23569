import { isJsonObject, type JsonObject, PatchError } from './patch-error.ts';
import { isReplaceMark, patchDirectiveOf, plainValue } from './strategic-directive.ts';
import type { Identity } from './strategic-order.ts';

export const itself: Identity = (element) => element;

export function byKey(mergeKey: string): Identity {
  return (element) => (isJsonObject(element) ? element[mergeKey] : undefined);
}

/** Lists of values merge as sets. */
export function mergeValues(original: readonly unknown[], patch: readonly unknown[]): readonly unknown[] {
  return [...new Set([...original, ...patch])];
}

/** What a list of messages becomes: elements with the same merge key are merged, new ones follow, `$patch: delete` takes one away. */
export function mergeElements(
  field: string,
  original: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string,
  mergeOne: (original: JsonObject, patch: JsonObject) => JsonObject,
): readonly unknown[] {
  const elements = patch.map((element) => checkedElement(field, element));
  if (elements.some(isReplaceMark)) return plainList(elements.filter((element) => !isReplaceMark(element)));
  const merged = [...original];
  const identity = byKey(mergeKey);
  for (const element of elements) {
    const key = identity(element);
    if (key === undefined || key === null) {
      const rule = `does not contain declared merge key: ${mergeKey}`;
      throw new PatchError('malformed', `map: ${JSON.stringify(element)} ${rule} (in ${field})`);
    }
    const at = merged.findIndex((candidate) => identity(candidate) === key);
    const present = merged[at];
    switch (patchDirectiveOf(element)) {
      case 'delete':
        if (at !== -1) merged.splice(at, 1);
        break;
      case 'merge':
        throw new PatchError('malformed', `merging lists cannot yet be specified in the patch (in ${field})`);
      default:
        if (isJsonObject(present)) merged[at] = mergeOne(present, element);
        else merged.push(plainValue(element));
    }
  }
  return merged;
}

/** Elements of the patch that stay in the list, i.e. those that order is about. */
export function stayingElements(patch: readonly unknown[]): readonly unknown[] {
  return patch.filter((element) => !isJsonObject(element) || patchDirectiveOf(element) === undefined);
}

function plainList(elements: readonly JsonObject[]): readonly unknown[] {
  return elements.filter((element) => patchDirectiveOf(element) !== 'delete').map(plainValue);
}

function checkedElement(field: string, element: unknown): JsonObject {
  if (isJsonObject(element)) return element;
  throw new PatchError('malformed', `elements of ${field} must be objects, got ${JSON.stringify(element)}`);
}
