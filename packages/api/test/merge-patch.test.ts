import { applyMergePatch, PatchError } from '@berth/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';

// RFC 7396, appendix A.
test.each([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('%j patched with %j is %j', (document, patch, result) => {
  expect(applyMergePatch(document, patch)).toEqual(result);
});

/** A patch may hold any key but one: see the next test. */
const patches = fc.jsonValue().filter((patch) => !JSON.stringify(patch).includes('"__proto__":'));

test('a patch applied twice changes nothing more, and the arguments stay as they are', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: true }), patches, (document, patch) => {
      const before = JSON.stringify([document, patch]);
      const once = applyMergePatch(document, patch);
      expect(applyMergePatch(once, patch)).toEqual(once);
      expect(JSON.stringify([document, patch])).toBe(before);
    }),
  );
});

// The second was found by the property above, with seed -1420151589.
test.each(['{"metadata":{"__proto__":{"admin":true}}}', '{"__proto__":""}'])(
  'a key that would change prototypes is refused: %s',
  (text) => {
    const patch: unknown = JSON.parse(text);
    expect(() => applyMergePatch({}, patch)).toThrow('"__proto__" is not accepted');
  },
);

test('a patch nested without end is refused, not followed', () => {
  const deep: unknown = JSON.parse(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`);
  expect(() => applyMergePatch({}, deep)).toThrow(PatchError);
});
