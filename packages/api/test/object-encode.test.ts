import { applyObjectDefaults, decodeObject, encodeObject, type Pod, pod } from '@berth/api';
import { expect, test } from 'vitest';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const web: Pod = {
  metadata: { labels: { b: '2', a: '1' }, name: 'web', resourceVersion: '7', namespace: 'default', uid: 'u' },
  spec: { restartPolicy: 'Always', containers: [{ image: 'i', name: 'c' }] },
  apiVersion: 'v1',
  kind: 'Pod',
};

test('stored bytes are compact JSON in the order of the schema, without the resource version', () => {
  expect(text(encodeObject(pod, web))).toBe(
    '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web","namespace":"default","uid":"u","labels":{"a":"1","b":"2"}},' +
      '"spec":{"containers":[{"name":"c","image":"i"}],"restartPolicy":"Always"}}',
  );
});

test('the order in which fields were set does not show in the bytes', () => {
  const spec = { containers: [{ name: 'c', image: 'i' }], restartPolicy: 'Always' };
  const metadata = { uid: 'u', namespace: 'default', name: 'web', labels: { a: '1', b: '2' } };
  expect(encodeObject(pod, { kind: 'Pod', apiVersion: 'v1', spec, metadata })).toEqual(encodeObject(pod, web));
});

test('decoding what was stored and storing it again gives the same bytes', () => {
  const { object } = decodeObject(pod, web);
  applyObjectDefaults(pod, object);
  const stored = encodeObject(pod, object);
  const again = decodeObject(pod, JSON.parse(text(stored))).object;
  applyObjectDefaults(pod, again);
  expect(text(encodeObject(pod, again))).toBe(text(stored));
});

test('all values of a kind begin with the same bytes, behind which a resource version can be put', () => {
  const prefix = '{"kind":"Pod","apiVersion":"v1","metadata":{';
  const stored = text(encodeObject(pod, { ...web, metadata: { name: 'x' } }));
  const answer = JSON.parse(stored.replace(prefix, `${prefix}"resourceVersion":"42",`)) as Pod;
  expect(answer.metadata).toEqual({ name: 'x', resourceVersion: '42' });
});
