import { applyJsonPatch, PatchError } from '@berth/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';

// RFC 6902, appendix A, and the corner cases of its sections 4.1 to 4.6.
test.each([
  ['A.1 add an object member', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { baz: 'qux', foo: 'bar' }],
  [
    'A.2 add an array element',
    { foo: ['bar', 'baz'] },
    [{ op: 'add', path: '/foo/1', value: 'qux' }],
    { foo: ['bar', 'qux', 'baz'] },
  ],
  ['A.3 remove an object member', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
  [
    'A.4 remove an array element',
    { foo: ['bar', 'qux', 'baz'] },
    [{ op: 'remove', path: '/foo/1' }],
    { foo: ['bar', 'baz'] },
  ],
  [
    'A.5 replace a value',
    { baz: 'qux', foo: 'bar' },
    [{ op: 'replace', path: '/baz', value: 'boo' }],
    { baz: 'boo', foo: 'bar' },
  ],
  [
    'A.6 move a value',
    { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
    [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
    { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
  ],
  [
    'A.7 move an array element',
    { foo: ['all', 'grass', 'cows', 'eat'] },
    [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
    { foo: ['all', 'cows', 'eat', 'grass'] },
  ],
  [
    'A.8 test a value',
    { baz: 'qux', foo: ['a', 2, 'c'] },
    [
      { op: 'test', path: '/baz', value: 'qux' },
      { op: 'test', path: '/foo/1', value: 2 },
    ],
    { baz: 'qux', foo: ['a', 2, 'c'] },
  ],
  [
    'A.10 add a nested member',
    { foo: 'bar' },
    [{ op: 'add', path: '/child', value: { grandchild: {} } }],
    { foo: 'bar', child: { grandchild: {} } },
  ],
  [
    'A.11 ignore unknown members',
    { foo: 'bar' },
    [{ op: 'add', path: '/baz', value: 'qux', xyz: 123 }],
    { foo: 'bar', baz: 'qux' },
  ],
  ['A.14 escaped pointers', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
  [
    'A.16 add an array value',
    { foo: ['bar'] },
    [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
    { foo: ['bar', ['abc', 'def']] },
  ],
  ['add replaces what is there', { foo: null }, [{ op: 'add', path: '/foo', value: 1 }], { foo: 1 }],
  ['add may append by its index', { foo: [1] }, [{ op: 'add', path: '/foo/1', value: 2 }], { foo: [1, 2] }],
  ['the empty path is the document', { foo: 1 }, [{ op: 'replace', path: '', value: { bar: 2 } }], { bar: 2 }],
  ['the empty key is a key', { '': 1 }, [{ op: 'replace', path: '/', value: 2 }], { '': 2 }],
  [
    'test sees no order of keys',
    { a: { b: 1, c: 2 } },
    [{ op: 'test', path: '/a', value: { c: 2, b: 1 } }],
    { a: { b: 1, c: 2 } },
  ],
  ['test compares numbers by value', { a: 1 }, [{ op: 'test', path: '/a', value: 1.0 }], { a: 1 }],
  [
    'copy copies',
    { a: { b: 1 } },
    [
      { op: 'copy', from: '/a', path: '/c' },
      { op: 'add', path: '/c/d', value: 2 },
    ],
    { a: { b: 1 }, c: { b: 1, d: 2 } },
  ],
  ['moving to itself changes nothing', { a: 1 }, [{ op: 'move', from: '/a', path: '/a' }], { a: 1 }],
])('%s', (_title, document, patch, result) => {
  expect(applyJsonPatch(document, patch)).toEqual(result);
});

test.each<[string, unknown, unknown, string]>([
  ['A.9 a failed test', { baz: 'qux' }, [{ op: 'test', path: '/baz', value: 'bar' }], 'inapplicable'],
  ['A.12 adding to what is not there', { foo: 'bar' }, [{ op: 'add', path: '/baz/bat', value: 'qux' }], 'inapplicable'],
  ['A.15 text and number differ', { '~1': 10 }, [{ op: 'test', path: '/~01', value: '10' }], 'inapplicable'],
  ['removing what is not there', { foo: 1 }, [{ op: 'remove', path: '/bar' }], 'inapplicable'],
  ['replacing what is not there', { foo: 1 }, [{ op: 'replace', path: '/bar', value: 1 }], 'inapplicable'],
  ['an index beyond the end', { foo: [1] }, [{ op: 'add', path: '/foo/3', value: 1 }], 'inapplicable'],
  ['an index with a leading zero', { foo: [1, 2] }, [{ op: 'remove', path: '/foo/01' }], 'inapplicable'],
  ['a negative index', { foo: [1, 2] }, [{ op: 'remove', path: '/foo/-1' }], 'inapplicable'],
  ['reading at the end', { foo: [1] }, [{ op: 'test', path: '/foo/-', value: 1 }], 'inapplicable'],
  ['moving into itself', { a: { b: {} } }, [{ op: 'move', from: '/a', path: '/a/b/c' }], 'inapplicable'],
  ['a member of every object', {}, [{ op: 'test', path: '/toString', value: null }], 'inapplicable'],
  ['an unknown operation', {}, [{ op: 'spam', path: '/a' }], 'malformed'],
  ['no path', {}, [{ op: 'remove' }], 'malformed'],
  ['no value', {}, [{ op: 'add', path: '/a' }], 'malformed'],
  ['no from', {}, [{ op: 'move', path: '/a' }], 'malformed'],
  ['a path without a slash', { a: 1 }, [{ op: 'remove', path: 'a' }], 'malformed'],
  ['a lone tilde', { a: 1 }, [{ op: 'remove', path: '/~a' }], 'malformed'],
  ['an object instead of a list', {}, { op: 'add', path: '/a', value: 1 }, 'malformed'],
  ['a text in the list', {}, ['add'], 'malformed'],
  ['__proto__ in a path', {}, [{ op: 'add', path: '/__proto__/admin', value: true }], 'malformed'],
  ['too many operations', {}, Array.from({ length: 10_001 }, () => ({ op: 'test', path: '', value: {} })), 'too-large'],
])('%s is refused', (_title, document, patch, fault) => {
  const attempt = () => applyJsonPatch(document, patch);
  expect(attempt).toThrow(PatchError);
  expect(faultOf(attempt)).toBe(fault);
});

test('copies that double a document again and again are stopped', () => {
  const double = { op: 'copy', from: '', path: '/list/-' };
  const attempt = () =>
    applyJsonPatch(
      { list: [], text: 'x'.repeat(1000) },
      Array.from({ length: 40 }, () => double),
    );
  expect(faultOf(attempt)).toBe('too-large');
});

test('the message names the operation by its place', () => {
  const patch = [
    { op: 'add', path: '/a', value: 1 },
    { op: 'remove', path: '/b' },
  ];
  expect(() => applyJsonPatch({}, patch)).toThrow('operation 1 (remove) of the JSON patch: there is no "b"');
});

test('a failing patch leaves the document as it was', () => {
  const document = { a: [1, 2, 3] };
  const patch = [
    { op: 'remove', path: '/a/0' },
    { op: 'remove', path: '/b' },
  ];
  expect(() => applyJsonPatch(document, patch)).toThrow(PatchError);
  expect(document).toEqual({ a: [1, 2, 3] });
});

test('adding and then removing at the same place changes nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.nat(), fc.jsonValue(), (list, place, value) => {
      const path = `/list/${place % (list.length + 1)}`;
      const patch = [
        { op: 'add', path, value },
        { op: 'test', path, value },
        { op: 'remove', path },
      ];
      const document = JSON.parse(JSON.stringify({ list })) as unknown;
      expect(applyJsonPatch(document, patch)).toEqual(document);
    }),
  );
});

function faultOf(attempt: () => unknown): string {
  try {
    attempt();
    return 'none';
  } catch (error) {
    return error instanceof PatchError ? error.fault : String(error);
  }
}
