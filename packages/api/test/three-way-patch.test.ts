import { applyMergePatch, applyStrategicMergePatch, deployment, pod, service, threeWayPatch } from '@berth/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';

type Json = Readonly<Record<string, unknown>>;

const podWith = (containers: readonly Json[], metadata: Json = {}): Json => ({ metadata, spec: { containers } });
const podPatch = (applied: Json | undefined, current: Json, wanted: Json): Json =>
  threeWayPatch(pod.message, { applied, current, wanted });

test('what is as wanted needs no patch, whatever the server has filled in', () => {
  const wanted = podWith([{ name: 'web', image: 'web:1' }]);
  const current = podWith([{ name: 'web', image: 'web:1', imagePullPolicy: 'IfNotPresent', resources: {} }], {
    uid: 'u1',
    resourceVersion: '7',
  });
  expect(podPatch(wanted, current, wanted)).toEqual({});
});

test('fields that were applied and are gone are deleted; fields that others have set stay', () => {
  const applied = { metadata: { labels: { a: '1', b: '2' } } };
  const current = { metadata: { labels: { a: '1', b: '2', other: 'x' } } };
  const wanted = { metadata: { labels: { a: '9' } } };
  expect(podPatch(applied, current, wanted)).toEqual({ metadata: { labels: { a: '9', b: null } } });
});

test('nothing is deleted that is gone already, nor anything when it is not known what was applied', () => {
  const current = { metadata: { labels: { a: '1', b: '2' } } };
  const wanted = { metadata: { labels: { a: '1' } } };
  expect(podPatch(undefined, current, wanted)).toEqual({});
  expect(podPatch({ metadata: { labels: { gone: 'x' } } }, current, wanted)).toEqual({});
});

test('a field that is null in the file is deleted, e.g. to get its default again', () => {
  expect(podPatch({}, { spec: { replicas: 3 } }, { spec: { replicas: null, other: null } })).toEqual({
    spec: { replicas: null },
  });
});

test('one container changes: it is named by its merge key, and the order is said', () => {
  const before = podWith([
    { name: 'web', image: 'web:1' },
    { name: 'log', image: 'log:1' },
  ]);
  const wanted = podWith([
    { name: 'web', image: 'web:2' },
    { name: 'log', image: 'log:1' },
  ]);
  expect(podPatch(before, before, wanted)).toEqual({
    spec: {
      containers: [{ name: 'web', image: 'web:2' }],
      '$setElementOrder/containers': [{ name: 'web' }, { name: 'log' }],
    },
  });
});

test('an element that was applied and is gone is deleted; one that somebody has injected stays', () => {
  const applied = podWith([{ name: 'web' }, { name: 'old' }]);
  const current = podWith([{ name: 'injected' }, { name: 'web' }, { name: 'old' }]);
  const wanted = podWith([{ name: 'web' }]);
  const patch = podPatch(applied, current, wanted);
  expect(patch).toEqual({
    spec: {
      containers: [{ name: 'old', $patch: 'delete' }],
      '$setElementOrder/containers': [{ name: 'web' }],
    },
  });
  expect(applyStrategicMergePatch(pod.message, current, patch)).toEqual(
    podWith([{ name: 'injected' }, { name: 'web' }]),
  );
});

test('deletions go down into elements: a variable that was applied and is gone', () => {
  const env = (...names: string[]) => [{ name: 'web', env: names.map((name) => ({ name, value: '1' })) }];
  expect(podPatch(podWith(env('A', 'B')), podWith(env('A', 'B', 'C')), podWith(env('A')))).toEqual({
    spec: {
      containers: [{ name: 'web', env: [{ name: 'B', $patch: 'delete' }], '$setElementOrder/env': [{ name: 'A' }] }],
      '$setElementOrder/containers': [{ name: 'web' }],
    },
  });
});

test('another order alone is a patch of the order alone', () => {
  const current = podWith([{ name: 'a' }, { name: 'injected' }, { name: 'b' }]);
  expect(podPatch(undefined, current, podWith([{ name: 'b' }, { name: 'a' }]))).toEqual({
    spec: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] },
  });
  expect(podPatch(undefined, current, podWith([{ name: 'a' }, { name: 'b' }]))).toEqual({});
});

test('members of a union give way: Recreate takes rollingUpdate along', () => {
  const strategy = (value: Json) => ({ spec: { strategy: value } });
  const current = strategy({ type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
  const patch = threeWayPatch(deployment.message, { applied: {}, current, wanted: strategy({ type: 'Recreate' }) });
  expect(patch).toEqual(strategy({ type: 'Recreate', $retainKeys: ['type'] }));
  expect(applyStrategicMergePatch(deployment.message, current, patch)).toEqual(strategy({ type: 'Recreate' }));
});

test('members of a union give way: the source of a volume', () => {
  const volume = (source: Json) => ({ spec: { volumes: [{ name: 'v', ...source }] } });
  const current = volume({ emptyDir: {} });
  const patch = podPatch(current, current, volume({ configMap: { name: 'c' } }));
  expect(applyStrategicMergePatch(pod.message, current, patch)).toEqual(volume({ configMap: { name: 'c' } }));
});

test('lists of values that merge: added, taken out, left alone', () => {
  const finalizers = (...names: string[]) => ({ metadata: { finalizers: names } });
  const patch = podPatch(finalizers('a/x', 'b/x'), finalizers('a/x', 'b/x', 'other/x'), finalizers('a/x', 'c/x'));
  expect(patch).toEqual({
    metadata: {
      finalizers: ['c/x'],
      '$deleteFromPrimitiveList/finalizers': ['b/x'],
      '$setElementOrder/finalizers': ['a/x', 'c/x'],
    },
  });
  const result = applyStrategicMergePatch(pod.message, finalizers('a/x', 'b/x', 'other/x'), patch) as {
    metadata: { finalizers: string[] };
  };
  expect(result.metadata.finalizers.toSorted()).toEqual(['a/x', 'c/x', 'other/x']);
});

test('all other lists go as a whole', () => {
  const command = (...words: string[]) => podWith([{ name: 'web', command: words }]);
  expect(podPatch(command('a'), command('a'), command('a', 'b'))).toMatchObject({
    spec: { containers: [{ name: 'web', command: ['a', 'b'] }] },
  });
});

test('ports that share a number are not told apart by it: the list goes as a whole', () => {
  const ports = (...list: Json[]) => ({ spec: { ports: list } });
  const current = ports({ name: 'dns', port: 53, protocol: 'UDP' }, { name: 'dns-tcp', port: 53, protocol: 'TCP' });
  const wanted = ports({ name: 'dns', port: 53, protocol: 'UDP' });
  const patch = threeWayPatch(service.message, { applied: current, current, wanted });
  expect(applyStrategicMergePatch(service.message, current, patch)).toEqual(wanted);
});

test('a kind without a known schema gets a JSON merge patch', () => {
  const current = { spec: { list: [{ name: 'a' }, { name: 'b' }], gone: 1, other: 2 } };
  const wanted = { spec: { list: [{ name: 'b' }] } };
  const patch = threeWayPatch(undefined, { applied: { spec: { gone: 1 } }, current, wanted });
  expect(patch).toEqual({ spec: { list: [{ name: 'b' }], gone: null } });
  expect(applyMergePatch(current, patch)).toEqual({ spec: { list: [{ name: 'b' }], other: 2 } });
});

test('keys that would change a prototype are refused', () => {
  const wanted = JSON.parse('{"metadata":{"__proto__":{"a":1}}}') as Json;
  expect(() => podPatch(undefined, { metadata: {} }, wanted)).toThrow('"__proto__" is not accepted');
});

const containers = fc.uniqueArray(
  fc.record(
    {
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      image: fc.constantFrom('x', 'y'),
      env: fc.uniqueArray(fc.record({ name: fc.constantFrom('A', 'B', 'C'), value: fc.constantFrom('1', '2') }), {
        selector: ({ name }) => name,
      }),
      command: fc.array(fc.constantFrom('p', 'q'), { maxLength: 2, minLength: 1 }),
    },
    { requiredKeys: ['name'] },
  ),
  { selector: ({ name }) => name },
);
const volumes = fc.uniqueArray(
  fc.oneof(
    fc.record({ name: fc.constantFrom('v', 'w'), emptyDir: fc.constant({ medium: 'Memory' }) }),
    fc.record({ name: fc.constantFrom('v', 'w'), configMap: fc.record({ name: fc.constantFrom('x', 'y') }) }),
  ),
  { selector: ({ name }) => name },
);
const object = fc.record({
  metadata: fc.record(
    {
      labels: fc.dictionary(fc.constantFrom('k', 'l', 'm'), fc.constantFrom('1', '2')),
      finalizers: fc.uniqueArray(fc.constantFrom('a/x', 'b/x', 'c/x')),
    },
    { requiredKeys: [] },
  ),
  spec: fc.record(
    { containers, volumes, hostname: fc.constantFrom('h', 'i'), hostNetwork: fc.boolean() },
    { requiredKeys: [] },
  ),
});

/** Every value that is wanted is there; lists with a merge key may have more elements, objects more fields. */
function has(found: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found)) return wanted.length === 0;
    return wanted.every((element) => found.some((candidate) => has(candidate, element)));
  }
  if (typeof wanted !== 'object' || wanted === null) return found === wanted;
  return Object.entries(wanted).every(([name, value]) => has((found as Json | undefined)?.[name], value));
}

test('whatever was applied and whatever is there: afterwards it is as wanted, and applying again changes nothing', () => {
  fc.assert(
    fc.property(fc.option(object, { nil: undefined }), object, object, (applied, current, wanted) => {
      const result = applyStrategicMergePatch(pod.message, current, podPatch(applied, current, wanted));
      expect(has(result, wanted)).toBe(true);
      const again = podPatch(wanted, result, wanted);
      expect(applyStrategicMergePatch(pod.message, result, again)).toEqual(result);
    }),
    { numRuns: 2_000 },
  );
});

test('what was applied before and is not wanted any more is gone', () => {
  fc.assert(
    fc.property(object, object, (applied, wanted) => {
      const result = applyStrategicMergePatch(pod.message, applied, podPatch(applied, applied, wanted)) as {
        metadata?: { labels?: Json; finalizers?: string[] };
        spec?: { containers?: { name: string }[] };
      };
      expect(Object.keys(result.metadata?.labels ?? {}).toSorted()).toEqual(
        Object.keys(wanted.metadata.labels ?? {}).toSorted(),
      );
      expect((result.metadata?.finalizers ?? []).toSorted()).toEqual((wanted.metadata.finalizers ?? []).toSorted());
      expect((result.spec?.containers ?? []).map(({ name }) => name)).toEqual(
        (wanted.spec.containers ?? []).map(({ name }) => name),
      );
    }),
  );
});
