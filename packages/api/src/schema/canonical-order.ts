import type { Message } from './message.ts';
import type { ValueType } from './value-type.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A copy with the fields in the order of the schema and the keys of maps sorted: equal objects, equal bytes. */
export function canonicalOrder(message: Message<object>, value: object): Record<string, unknown> {
  const ordered: Record<string, unknown> = {};
  for (const field of message.fieldList) {
    const given = (value as Fields)[field.name];
    if (given !== undefined) ordered[field.name] = orderedValue(field.type, given);
  }
  return ordered;
}

function orderedValue(type: ValueType, value: unknown): unknown {
  if (type.kind === 'message') return canonicalOrder(type.message, value as object);
  if (type.kind === 'map') return sortedKeys(value as Fields);
  if (type.kind === 'list' && type.of.kind === 'message') {
    const { message } = type.of;
    return (value as readonly object[]).map((element) => canonicalOrder(message, element));
  }
  return value;
}

function sortedKeys(map: Fields): Fields {
  const keys = Object.keys(map);
  if (keys.length < 2) return map;
  const sorted: Record<string, unknown> = {};
  for (const key of keys.sort()) sorted[key] = map[key];
  return sorted;
}
