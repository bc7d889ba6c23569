import type { Draft, Message, NamedField } from './message.ts';
import type { ValueType } from './value-type.ts';

type Fields = Record<string, unknown>;

/** Fills in place what absent fields of a decoded object are given, from the outside in. Done twice, it changes nothing more. */
export function applyDefaults<T extends object>(message: Message<T>, value: T): void {
  message.fill?.(value as Draft<T>);
  const fields = value as Fields;
  for (const field of message.awaited) {
    if (fields[field.name] === undefined) {
      const initial = initialValue(field);
      if (initial !== undefined) fields[field.name] = initial;
    }
  }
  for (const name of Object.keys(fields)) {
    const field = message.fieldsByName.get(name);
    if (field !== undefined) descend(field.type, fields[name]);
  }
}

function descend(type: ValueType, value: unknown): void {
  if (type.kind === 'message') applyDefaults(type.message, value as object);
  else if (type.kind === 'list' && type.of.kind === 'message') {
    for (const element of value as readonly object[]) applyDefaults(type.of.message, element);
  }
}

function initialValue(field: NamedField): unknown {
  if (field.default !== undefined) {
    return typeof field.default === 'object' ? structuredClone(field.default) : field.default;
  }
  return field.presence === 'filled' ? emptyValue(field.type) : undefined;
}

function emptyValue(type: ValueType): unknown {
  switch (type.kind) {
    case 'message':
    case 'map':
      return {};
    case 'list':
      return [];
    case 'text':
      return '';
    case 'integer':
      return 0;
    case 'boolean':
      return false;
    default:
      return undefined;
  }
}
