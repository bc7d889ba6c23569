import { deepEqual } from '../schema/deep-equal.ts';
import type { PatchStrategy } from '../schema/field.ts';
import type { Message, NamedField } from '../schema/message.ts';
import { checkDepth, isJsonObject, type JsonObject, PatchError, refusePrototypeKey } from './patch-error.ts';
import { deleteListDirective, orderDirective, patchDirective, retainKeysDirective } from './strategic-directive.ts';

/** The three texts that a client-side apply knows of an object. */
export interface AppliedVersions {
  /** What was applied last; undefined when nothing is known of it. Only what it has and `wanted` lacks is deleted. */
  readonly applied: JsonObject | undefined;
  /** What the server has now. */
  readonly current: JsonObject;
  /** What is to be. */
  readonly wanted: JsonObject;
}

/**
 * The patch that makes of `current` what `wanted` says, takes away what only `applied` said, and leaves alone what others have set: what
 * kubectl's client-side apply sends. A strategic merge patch by the facts of `message`; with `message` undefined (a kind without a known
 * schema) a JSON merge patch, in which lists are replaced. Empty when there is nothing to do. Throws a `PatchError`.
 */
export function threeWayPatch(
  message: Message<object> | undefined,
  { applied, current, wanted }: AppliedVersions,
): JsonObject {
  checkDepth(wanted);
  return objectPatch(message, { applied: applied ?? {}, current, wanted }, undefined);
}

interface Versions<T> {
  readonly applied: T;
  readonly current: T;
  readonly wanted: T;
}

function objectPatch(
  message: Message<object> | undefined,
  { applied, current, wanted }: Versions<JsonObject>,
  strategy: PatchStrategy | undefined,
): JsonObject {
  const patch: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(wanted)) {
    refusePrototypeKey(name);
    if (isGiven(wanted, name)) {
      const versions = { applied: own(applied, name), current: own(current, name), wanted: value };
      Object.assign(patch, fieldPatch(message?.fieldsByName.get(name), name, versions));
    } else if (value === null && isGiven(current, name)) patch[name] = null;
  }
  for (const name of Object.keys(applied)) {
    if (!isGiven(wanted, name) && isGiven(current, name)) patch[name] = null;
  }
  if (strategy?.endsWith('retainKeys') === true) {
    // Members of a union: what the server has filled in beside the old member must not stay beside the new one.
    const isMore = Object.keys(current).some((name) => isGiven(current, name) && !isGiven(wanted, name));
    if (isMore || !isEmpty(patch)) patch[retainKeysDirective] = keysOf(wanted).sort();
  }
  return patch;
}

/** What the patch of an object says of one field: nothing, its value, and for lists directives beside it. */
function fieldPatch(field: NamedField | undefined, name: string, versions: Versions<unknown>): JsonObject {
  const { applied, current, wanted } = versions;
  if (Array.isArray(wanted) && Array.isArray(current) && field?.patchStrategy?.startsWith('merge') === true) {
    return listPatch(field, { applied: Array.isArray(applied) ? applied : [], current, wanted });
  }
  if (isJsonObject(wanted) && isJsonObject(current) && field?.patchStrategy !== 'replace') {
    const before = isJsonObject(applied) ? applied : {};
    const nested = objectPatch(messageOf(field), { applied: before, current, wanted }, field?.patchStrategy);
    return isEmpty(nested) ? {} : { [name]: nested };
  }
  return deepEqual(current, wanted) ? {} : { [name]: wanted };
}

function listPatch(field: NamedField, versions: Versions<readonly unknown[]>): JsonObject {
  const { mergeKey, of: element } = field.type.kind === 'list' ? field.type : {};
  if (element?.kind !== 'message') return valuesPatch(field.name, versions);
  if (mergeKey === undefined) throw new PatchError('malformed', `${field.name} has no merge key`);
  const elements = {
    applied: elementsOf(versions.applied),
    current: elementsOf(versions.current),
    wanted: elementsOf(versions.wanted),
  };
  const isAmbiguous = [elements.current, elements.wanted].some((list) => !haveDistinctKeys(list, mergeKey));
  // The key does not tell these elements apart (two ports of one number, TCP and UDP): the list goes as a whole.
  if (isAmbiguous) return replacement(field.name, versions);
  return elementsPatch(field, element.message, mergeKey, elements);
}

/** Lists of messages that are known by one of their fields. */
function elementsPatch(
  { name, patchStrategy }: NamedField,
  message: Message<object>,
  mergeKey: string,
  { applied, current, wanted }: Versions<readonly JsonObject[]>,
): JsonObject {
  const find = (list: readonly JsonObject[], key: unknown) => list.find((element) => element[mergeKey] === key);
  const changed = wanted.flatMap((element) => {
    const key = element[mergeKey];
    const present = find(current, key);
    if (present === undefined) return [element];
    const versions = { applied: find(applied, key) ?? {}, current: present, wanted: element };
    const patch = objectPatch(message, versions, patchStrategy);
    return isEmpty(patch) ? [] : [{ ...patch, [mergeKey]: key }];
  });
  const keys = wanted.map((element) => element[mergeKey]);
  const deleted = applied
    .map((element) => element[mergeKey])
    .filter((key) => !keys.includes(key) && find(current, key) !== undefined)
    .map((key) => ({ [patchDirective]: 'delete', [mergeKey]: key }));
  const list = [...changed, ...deleted];
  const currentKeys = current.map((element) => element[mergeKey]);
  if (list.length === 0 && isSameOrder(currentKeys, keys)) return {};
  return {
    ...(list.length === 0 ? {} : { [name]: list }),
    ...(keys.length === 0 ? {} : { [orderDirective(name)]: keys.map((key) => ({ [mergeKey]: key })) }),
  };
}

/** Lists of values that are merged as sets. */
function valuesPatch(name: string, { applied, current, wanted }: Versions<readonly unknown[]>): JsonObject {
  const added = wanted.filter((value) => !current.includes(value));
  const deleted = applied.filter((value) => !wanted.includes(value) && current.includes(value));
  if (added.length === 0 && deleted.length === 0 && isSameOrder(current, wanted)) return {};
  return {
    ...(added.length === 0 ? {} : { [name]: added }),
    ...(deleted.length === 0 ? {} : { [deleteListDirective(name)]: deleted }),
    ...(wanted.length === 0 ? {} : { [orderDirective(name)]: wanted }),
  };
}

function replacement(name: string, { current, wanted }: Versions<readonly unknown[]>): JsonObject {
  return deepEqual(current, wanted) ? {} : { [name]: [{ [patchDirective]: 'replace' }, ...wanted] };
}

/** Whether the wanted ones stand in the list in their order, whatever stands between them. */
function isSameOrder(list: readonly unknown[], wanted: readonly unknown[]): boolean {
  return deepEqual(
    list.filter((key) => wanted.includes(key)),
    wanted.filter((key) => list.includes(key)),
  );
}

function haveDistinctKeys(list: readonly JsonObject[], mergeKey: string): boolean {
  const keys = list.map((element) => element[mergeKey]).filter((key) => key !== undefined && key !== null);
  return new Set(keys).size === list.length;
}

/** A list with anything else than objects in it is a mistake, which the server explains; it is not told apart here. */
function elementsOf(list: readonly unknown[]): readonly JsonObject[] {
  return list.every(isJsonObject) ? list : list.map(() => ({}));
}

function messageOf(field: NamedField | undefined): Message<object> | undefined {
  return field?.type.kind === 'message' ? field.type.message : undefined;
}

function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** A field that is null is one that is not there. */
function isGiven(object: JsonObject, name: string): boolean {
  const value = own(object, name);
  return value !== undefined && value !== null;
}

function keysOf(object: JsonObject): string[] {
  return Object.keys(object).filter((name) => isGiven(object, name));
}

function isEmpty(patch: JsonObject): boolean {
  return Object.keys(patch).length === 0;
}
