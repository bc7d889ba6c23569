import { type Revision, revision } from '@berth/store';
import { expect, test } from 'vitest';
import { framed, listBytes, type StoredBytes, withResourceVersion } from '../../src/registry/stored-bytes.ts';
import { decodeStored } from '../../src/registry/stored-object.ts';

function stored(name: string, at: number): StoredBytes {
  const text = JSON.stringify({
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, uid: `ü-${name}` },
    spec: { note: '"metadata":{' },
  });
  return { value: new TextEncoder().encode(text), modRevision: revision(at) };
}

const head = { kind: 'PodList', apiVersion: 'v1', resourceVersion: '9' };

test('the resourceVersion goes in where the metadata begins, and nothing else changes', () => {
  const answer = withResourceVersion(stored('web', 7)).toString();
  expect(answer).toBe(
    '{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"7","name":"web","uid":"ü-web"},"spec":{"note":"\\"metadata\\":{"}}',
  );
});

test.each([0, 1, 3])('a list of %i objects is a JSON document that says what its members say', (count) => {
  const items = Array.from({ length: count }, (_, index) => stored(`web-${index}`, index + 10));
  const list = JSON.parse(listBytes({ ...head, continue: 'next', remainingItemCount: 5 }, items).toString());
  expect(list.metadata).toEqual({ resourceVersion: '9', continue: 'next', remainingItemCount: 5 });
  expect(list.items).toEqual(items.map(decodeStored));
  expect(list.items.map((item: { metadata: { resourceVersion: string } }) => item.metadata.resourceVersion)).toEqual(
    items.map((item) => String(item.modRevision)),
  );
});

test('what was never stored has no resourceVersion', () => {
  const answer = JSON.parse(withResourceVersion(stored('web', 0)).toString());
  expect(answer.metadata).toEqual({ name: 'web', uid: 'ü-web' });
});

test('a frame goes around an object in one piece', () => {
  const line = framed(Buffer.from('{"object":'), stored('web', 3), Buffer.from('}\n')).toString();
  expect(JSON.parse(line).object.metadata.resourceVersion).toBe('3');
  expect(line.endsWith('}\n')).toBe(true);
});

test('the same bytes at another revision are another object', () => {
  const { value } = stored('web', 1);
  expect(decodeStored({ value, modRevision: 1 as Revision }).metadata.resourceVersion).toBe('1');
  expect(decodeStored({ value, modRevision: 2 as Revision }).metadata.resourceVersion).toBe('2');
});
