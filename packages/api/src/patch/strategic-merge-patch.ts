import type { Message, NamedField } from '../schema/message.ts';
import type { ValueType } from '../schema/value-type.ts';
import { checkDepth, isJsonObject, type JsonObject, PatchError, refusePrototypeKey } from './patch-error.ts';
import {
  asList,
  isDeleteMark,
  isDirective,
  listDirectives,
  patchDirectiveOf,
  plainValue,
  retainKeysDirective,
} from './strategic-directive.ts';
import { byKey, itself, mergeElements, mergeValues, stayingElements } from './strategic-list.ts';
import { checkOrder, type Identity, orderMerged } from './strategic-order.ts';

/**
 * Kubernetes' own kind of patch: like a merge patch, but lists are merged by the facts of their fields (`patchStrategy`,
 * `mergeKey`) and directives say what values cannot. Neither argument is changed. Throws a `PatchError`.
 */
export function applyStrategicMergePatch(message: Message<object>, document: JsonObject, patch: unknown): JsonObject {
  if (!isJsonObject(patch)) throw new PatchError('malformed', 'a strategic merge patch must be an object');
  checkDepth(patch);
  return mergeObject(message, document, patch);
}

/** `message` is undefined inside maps and unknown fields, where nothing is known of lists. */
function mergeObject(message: Message<object> | undefined, original: JsonObject, patch: JsonObject): JsonObject {
  switch (patchDirectiveOf(patch)) {
    case 'replace':
      return plainValue({ ...patch, $patch: undefined }) as JsonObject;
    case 'delete':
      return {};
    default:
      break;
  }
  const merged: Record<string, unknown> = retained(original, patch);
  const { orders, deletions } = listDirectives(patch);
  for (const [name, values] of deletions) {
    const list = merged[name];
    if (Array.isArray(list)) merged[name] = list.filter((value) => !values.includes(value));
  }
  for (const [name, value] of Object.entries(patch)) {
    refusePrototypeKey(name);
    if (isDirective(name)) continue;
    if (value === null) delete merged[name];
    else if (!isDeleteMark(value) || isJsonObject(merged[name]))
      merged[name] = mergeField(message?.fieldsByName.get(name), name, merged[name], value, orders.get(name));
  }
  for (const [name, wished] of orders) {
    const list = merged[name];
    if (Array.isArray(list) && !Object.hasOwn(patch, name)) {
      const before = asList(name, original[name] ?? []);
      merged[name] = orderMerged(list, wished, before, identityOf(message?.fieldsByName.get(name)));
    }
  }
  return merged;
}

/** `$retainKeys` lists all fields that may be there afterwards; it is how one member of a union gives way to another. */
function retained(original: JsonObject, patch: JsonObject): Record<string, unknown> {
  if (!Object.hasOwn(patch, retainKeysDirective)) return { ...original };
  const keys = new Set(asList(retainKeysDirective, patch[retainKeysDirective]));
  for (const [name, value] of Object.entries(patch)) {
    if (value !== null && !isDirective(name) && !keys.has(name)) {
      throw new PatchError(
        'malformed',
        `$retainKeys must list every field that the patch sets, it lacks ${JSON.stringify(name)}`,
      );
    }
  }
  return Object.fromEntries(Object.entries(original).filter(([name]) => keys.has(name)));
}

function mergeField(
  field: NamedField | undefined,
  name: string,
  original: unknown,
  patch: unknown,
  wished: readonly unknown[] | undefined,
): unknown {
  if (Array.isArray(patch))
    return mergeList(field, name, Array.isArray(original) ? original : undefined, patch, wished);
  if (!isJsonObject(patch) || !isJsonObject(original)) return plainValue(patch);
  if (field?.patchStrategy === 'replace') return plainValue(patch);
  return mergeObject(messageOf(field?.type), original, patch);
}

function mergeList(
  field: NamedField | undefined,
  name: string,
  original: readonly unknown[] | undefined,
  patch: readonly unknown[],
  wished: readonly unknown[] | undefined,
): unknown {
  const identity = identityOf(field);
  const staying = stayingElements(patch);
  if (wished !== undefined) checkOrder(name, staying, wished, identity);
  if (field === undefined || !merges(field)) return plainValue(patch);
  const before = original ?? [];
  const { mergeKey, element } = listFacts(field.type);
  if (element === undefined) return orderMerged(mergeValues(before, patch), wished ?? patch, before, identity);
  if (mergeKey === undefined) throw new PatchError('malformed', `cannot merge lists without merge key for ${name}`);
  const merged = mergeElements(name, before, patch, mergeKey, (one, other) => mergeObject(element, one, other));
  return orderMerged(merged, wished ?? staying, before, identity);
}

function merges({ patchStrategy }: NamedField): boolean {
  return patchStrategy === 'merge' || patchStrategy === 'merge,retainKeys';
}

function identityOf(field: NamedField | undefined): Identity {
  const mergeKey = field === undefined ? undefined : listFacts(field.type).mergeKey;
  return mergeKey === undefined ? itself : byKey(mergeKey);
}

function listFacts(type: ValueType): {
  readonly mergeKey?: string | undefined;
  readonly element?: Message<object> | undefined;
} {
  return type.kind === 'list' ? { mergeKey: type.mergeKey, element: messageOf(type.of) } : {};
}

function messageOf(type: ValueType | undefined): Message<object> | undefined {
  return type?.kind === 'message' ? type.message : undefined;
}
