import { expect, test } from 'vitest';
import { OrderedMap } from '../../src/mvcc/ordered-map.ts';
import { revision } from '../../src/revision.ts';
import { SettlingPass } from '../../src/state/settling-pass.ts';
import type { KeyValue } from '../../src/store.ts';

const keys = 50_000;

test('takes every key that changed since the last settling once, in order, a few thousand at a time', () => {
  const present = presentKeys((number) => (number % 2 === 0 ? 10 : 20));
  const batches = takeAll(new SettlingPass(present, revision(10), revision(20), new Set()));
  const taken = batches.flat().map(([key]) => key);
  const changed = Array.from({ length: keys / 2 }, (_, number) => keyOf(2 * number + 1));
  expect(taken).toEqual(changed);
  expect(Math.max(...batches.map(({ length }) => length))).toBe(4000);
});

test('looks for few changes among many keys in several steps', () => {
  const present = presentKeys((number) => (number === keys - 1 ? 20 : 10));
  const batches = takeAll(new SettlingPass(present, revision(10), revision(20), new Set()));
  expect(batches.map(({ length }) => length)).toEqual([0, 1]);
});

test('takes keys that were deleted: without a value, or with that of their next life', () => {
  const present = presentKeys(() => 10);
  const again = kv(keyOf(3), 15);
  present.delete(keyOf(2));
  present.set(again.key, again);
  const pass = new SettlingPass(present, revision(10), revision(20), new Set([keyOf(2), keyOf(3)]));
  expect(takeAll(pass).flat()).toEqual([
    [keyOf(2), undefined],
    [keyOf(3), again],
  ]);
});

test('goes on with what was deleted where the last batch ended', () => {
  const gone = Array.from({ length: 9000 }, (_, number) => keyOf(number));
  const batches = takeAll(new SettlingPass(new OrderedMap(), revision(10), revision(20), new Set(gone)));
  expect(batches.map(({ length }) => length)).toEqual([4000, 4000, 1000]);
  expect(batches.flat().map(([key]) => key)).toEqual(gone);
});

test('takes what changes while it is under way as it is when its turn comes, and misses nothing else', () => {
  const present = presentKeys(() => 20);
  const pass = new SettlingPass(present, revision(10), revision(20), new Set());
  const first = pass.take();
  const late = kv(keyOf(keys - 1), 30);
  present.set(late.key, late);
  present.delete(keyOf(keys - 2));
  for (let number = 0; number < 600; number++) present.set(`${keyOf(0)}/${number}`, kv(`${keyOf(0)}/${number}`, 30));
  const rest = takeAll(pass).flat();
  expect(rest.at(-1)).toEqual([late.key, late]);
  expect(first.length + rest.length).toBe(keys - 1);
});

function takeAll(pass: SettlingPass): (readonly [string, KeyValue | undefined])[][] {
  const batches = [];
  while (!pass.over) batches.push(pass.take());
  return batches;
}

function presentKeys(modRevisionOf: (number: number) => number): OrderedMap<KeyValue> {
  const present = new OrderedMap<KeyValue>();
  for (let number = 0; number < keys; number++) present.set(keyOf(number), kv(keyOf(number), modRevisionOf(number)));
  return present;
}

function kv(key: string, modRevision: number): KeyValue {
  const at = revision(modRevision);
  return { key, value: new Uint8Array(1), createRevision: at, modRevision: at, version: 1 };
}

function keyOf(number: number): string {
  return `/k/${String(number).padStart(8, '0')}`;
}
