import {
  applyDefaults,
  bindingMessage,
  deleteOptionsMessage,
  evictionMessage,
  kinds,
  type Message,
  scaleMessage,
} from '@berth/api';
import { expect, test } from 'vitest';
import { required } from '../src/schema/field.ts';
import { flag, int32, text } from '../src/schema/field-builder.ts';
import { message } from '../src/schema/message.ts';
import type { ValueType } from '../src/schema/value-type.ts';

/** Every message that a kind is made of, each once. */
function allMessages(): readonly Message<object>[] {
  const found = new Map<string, Message<object>>();
  const visit = (candidate: Message<object>): void => {
    if (found.has(candidate.name)) return;
    found.set(candidate.name, candidate);
    for (const { type } of candidate.fieldList) visitType(type);
  };
  const visitType = (type: ValueType): void => {
    if (type.kind === 'message') visit(type.message);
    if (type.kind === 'list' || type.kind === 'map') visitType(type.of);
  };
  const roots = [
    ...kinds.map(({ message: root }) => root),
    bindingMessage,
    deleteOptionsMessage,
    evictionMessage,
    scaleMessage,
  ];
  for (const root of roots) visit(root);
  return [...found.values()];
}

const messages = allMessages().map((candidate) => ({ name: candidate.name, candidate }));

test('there are as many messages as the kinds need', () => {
  expect(messages.length).toBeGreaterThan(180);
});

test.each(messages)('$name: descriptions are there, numbers are used once, facts fit', ({ candidate }) => {
  expect(candidate.description).toMatch(/\.$/);
  const places = candidate.fieldList
    .filter(({ number }) => number > 0)
    .map(({ number, embeddedIn }) => `${embeddedIn ?? ''}/${number}`);
  expect(new Set(places).size).toBe(places.length);
  for (const field of candidate.fieldList) {
    expect(field.description, field.name).toMatch(/[.!]$/);
    if (field.type.kind !== 'list') continue;
    const { of, mergeKey, mapKeys = [], unique } = field.type;
    const keys = [mergeKey, ...mapKeys, unique].filter((key) => key !== undefined);
    const known = of.kind === 'message' ? of.message.fieldList.map(({ name }) => name) : [];
    for (const key of keys) expect(known, field.name).toContain(key);
    const mergesMessages = of.kind === 'message' && field.patchStrategy?.startsWith('merge') === true;
    expect(mergesMessages && mergeKey === undefined, `${field.name} merges without a key`).toBe(false);
  }
});

interface Port {
  readonly name?: string;
  readonly number: number;
}

test('a schema constant has exactly the fields of its interface, of their types', () => {
  const port: Message<Port> = message({
    name: 'test.v1.Port',
    description: 'A port.',
    fields: { name: text(1, 'Its name.', { default: 'http' }), number: required(int32(2, 'Its number.')) },
  });
  const value: Port = { number: 80 };
  applyDefaults(port, value);
  expect(value).toEqual({ number: 80, name: 'http' });

  const rest = { name: 'test.v1.Port', description: 'A port.' };
  const name = text(1, 'Its name.');
  const number = required(int32(2, 'Its number.'));
  // @ts-expect-error: a field is missing
  const forgotten: Message<Port> = message({ ...rest, fields: { name } });
  // @ts-expect-error: a field has the wrong type
  const mistyped: Message<Port> = message({ ...rest, fields: { name: flag(1, 'Its name.'), number } });
  // @ts-expect-error: a required field is declared optional
  const lax: Message<Port> = message({ ...rest, fields: { name, number: int32(2, 'Its number.') } });
  // @ts-expect-error: an optional field is declared required
  const strict: Message<Port> = message({ ...rest, fields: { name: required(name), number } });
  // @ts-expect-error: the interface has no such field
  const extra: Message<Port> = message({ ...rest, fields: { name, number, other: name } });
  // @ts-expect-error: a default has the wrong type
  const defaulted = text(1, 'Its name.', { default: 5 });
  expect([forgotten, mistyped, lax, strict, extra, defaulted]).toHaveLength(6);
});
