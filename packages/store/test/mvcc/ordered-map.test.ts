import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OrderedMap } from '../../src/mvcc/ordered-map.ts';

const key = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '/'), minLength: 1, maxLength: 4 });
const step = fc.record({ kind: fc.constantFrom('set', 'set', 'delete'), key, value: fc.nat() });

test('an ordered map holds what a map and a sort would hold', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), key, key, fc.nat(20), (steps, from, to, limit) => {
      const map = new OrderedMap<number>();
      const model = new Map<string, number>();
      for (const each of steps) {
        if (each.kind === 'set') {
          map.set(each.key, each.value);
          model.set(each.key, each.value);
        } else {
          expect(map.delete(each.key)).toBe(model.delete(each.key));
        }
      }
      const inside = [...model].filter(([name]) => name >= from && name < to).sort(([a], [b]) => (a < b ? -1 : 1));
      const values = inside.map(([, value]) => value);
      expect(map.size).toBe(model.size);
      expect(map.get(from)).toBe(model.get(from));
      expect(map.slice({ from, to }, Number.POSITIVE_INFINITY)).toEqual(values);
      expect(map.slice({ from, to }, limit)).toEqual(values.slice(0, limit));
      expect(map.countIn({ from, to })).toBe(values.length);
    }),
  );
});

test('an ordered map stays in order over many chunks', () => {
  const map = new OrderedMap<number>();
  const count = 20_000;
  // A walk that meets every number once, far from any order.
  for (let i = 0; i < count; i++) map.set(name((i * 7919) % count), (i * 7919) % count);
  expect(map.slice({ from: 'k', to: 'l' }, Number.POSITIVE_INFINITY)).toEqual(
    Array.from({ length: count }, (_, i) => i),
  );
  for (let i = 0; i < count; i += 2) map.delete(name(i));
  expect(map.countIn({ from: name(5_000), to: name(15_000) })).toBe(5_000);
  expect(map.slice({ from: name(9_999), to: 'l' }, 2)).toEqual([9_999, 10_001]);
});

function name(number: number): string {
  return `k${String(number).padStart(6, '0')}`;
}
