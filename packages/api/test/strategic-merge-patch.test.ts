import { applyStrategicMergePatch, deployment, node, PatchError, pod, service } from '@berth/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';

type Json = Readonly<Record<string, unknown>>;

const podWith = (...containers: Json[]): Json => ({ metadata: { name: 'web' }, spec: { containers } });
const patchPod = (document: Json, patch: unknown) => applyStrategicMergePatch(pod.message, document, patch);

test('lists with a merge key are merged element by element, new ones follow', () => {
  const before = podWith({ name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] }, { name: 'b', image: 'b:1' });
  const patch = {
    spec: {
      containers: [
        { name: 'b', image: 'b:2' },
        { name: 'a', env: [{ name: 'Y', value: '2' }] },
        { name: 'c', image: 'c:1' },
      ],
    },
  };
  const { spec } = patchPod(before, patch) as { spec: { containers: Json[] } };
  expect(spec.containers).toEqual([
    { name: 'b', image: 'b:2' },
    {
      name: 'a',
      image: 'a:1',
      env: [
        { name: 'Y', value: '2' },
        { name: 'X', value: '1' },
      ],
    },
    { name: 'c', image: 'c:1' },
  ]);
});

test('$setElementOrder puts the list in order; elements it does not name keep their place before the next named one', () => {
  const before = podWith({ name: 'first' }, { name: 'injected' }, { name: 'second' }, { name: 'late' });
  const patch = {
    spec: {
      '$setElementOrder/containers': [{ name: 'new' }, { name: 'second' }, { name: 'first' }],
      containers: [{ name: 'new', image: 'n' }],
    },
  };
  const { spec } = patchPod(before, patch) as { spec: { containers: Json[] } };
  expect(spec.containers.map(({ name }) => name)).toEqual(['new', 'injected', 'second', 'first', 'late']);
});

test('an order without elements only moves them', () => {
  const before = podWith({ name: 'a' }, { name: 'b' });
  const patch = { spec: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] } };
  expect(patchPod(before, patch)).toEqual(podWith({ name: 'b' }, { name: 'a' }));
});

test('$patch: delete takes an element away', () => {
  const before = podWith({ name: 'a' }, { name: 'b' });
  const patch = { spec: { containers: [{ $patch: 'delete', name: 'a' }] } };
  expect(patchPod(before, patch)).toEqual(podWith({ name: 'b' }));
});

test('$patch: replace in a list keeps only the elements of the patch', () => {
  const before = podWith({ name: 'a', image: 'x' }, { name: 'b' });
  const patch = { spec: { containers: [{ $patch: 'replace' }, { name: 'a' }] } };
  expect(patchPod(before, patch)).toEqual(podWith({ name: 'a' }));
});

test('$patch: replace in an object replaces it as a whole', () => {
  const before = { metadata: { labels: { a: '1', b: '2' } } };
  const patch = { metadata: { labels: { $patch: 'replace', c: '3' } } };
  expect(patchPod(before, patch)).toEqual({ metadata: { labels: { c: '3' } } });
});

test('null deletes a field, and nothing when there is none', () => {
  const before = { metadata: { labels: { a: '1', b: '2' } } };
  const patch = { metadata: { labels: { a: null }, annotations: { x: null, y: '1' } } };
  expect(patchPod(before, patch)).toEqual({ metadata: { labels: { b: '2' }, annotations: { y: '1' } } });
});

test('$retainKeys drops what the patch does not list: Recreate leaves no rollingUpdate behind', () => {
  const before = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } };
  const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
  expect(applyStrategicMergePatch(deployment.message, before, patch)).toEqual({
    spec: { strategy: { type: 'Recreate' } },
  });
});

test('$retainKeys lets one source of a volume give way to another', () => {
  const before = { spec: { volumes: [{ name: 'v', emptyDir: {} }] } };
  const patch = { spec: { volumes: [{ $retainKeys: ['name', 'configMap'], name: 'v', configMap: { name: 'c' } }] } };
  expect(patchPod(before, patch)).toEqual({ spec: { volumes: [{ name: 'v', configMap: { name: 'c' } }] } });
});

test('lists of values merge as sets where the schema says so, and $deleteFromPrimitiveList takes values out', () => {
  const before = { metadata: { finalizers: ['a/x', 'b/y'] } };
  const added = patchPod(before, { metadata: { finalizers: ['c/z', 'a/x'] } });
  expect(added).toEqual({ metadata: { finalizers: ['c/z', 'a/x', 'b/y'] } });
  const patch = { metadata: { '$deleteFromPrimitiveList/finalizers': ['a/x'] } };
  expect(patchPod(before, patch)).toEqual({ metadata: { finalizers: ['b/y'] } });
});

test('all other lists are replaced: taints, tolerations, command', () => {
  const before = { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } };
  const patch = { spec: { taints: [{ key: 'b', effect: 'NoExecute' }] } };
  expect(applyStrategicMergePatch(node.message, before, patch)).toEqual(patch);
  const command = { spec: { containers: [{ name: 'a', command: ['x'] }] } };
  expect(patchPod(podWith({ name: 'a', command: ['y', 'z'] }), command)).toEqual({
    ...command,
    metadata: { name: 'web' },
  });
});

test('service ports are known by their port number', () => {
  const before = {
    spec: {
      ports: [
        { port: 80, name: 'http' },
        { port: 443, name: 'https' },
      ],
    },
  };
  const patch = { spec: { ports: [{ port: 443, targetPort: 8443 }] } };
  expect(applyStrategicMergePatch(service.message, before, patch)).toEqual({
    spec: {
      ports: [
        { port: 80, name: 'http' },
        { port: 443, name: 'https', targetPort: 8443 },
      ],
    },
  });
});

test('kubectl set image: one container of a deployment changes, the rest stays', () => {
  const containers = [
    { name: 'web', image: 'nginx:1', resources: {} },
    { name: 'log', image: 'log:1' },
  ];
  const before = { spec: { replicas: 3, template: { spec: { containers } } } };
  const patch = {
    spec: {
      template: {
        spec: {
          '$setElementOrder/containers': [{ name: 'web' }, { name: 'log' }],
          containers: [{ image: 'nginx:2', name: 'web' }],
        },
      },
    },
  };
  const changed = [
    { name: 'web', image: 'nginx:2', resources: {} },
    { name: 'log', image: 'log:1' },
  ];
  expect(applyStrategicMergePatch(deployment.message, before, patch)).toEqual({
    spec: { replicas: 3, template: { spec: { containers: changed } } },
  });
});

test('fields that the schema does not know are kept for decoding to complain about', () => {
  expect(patchPod({ spec: {} }, { spec: { contaners: [{ name: 'a' }] } })).toEqual({
    spec: { contaners: [{ name: 'a' }] },
  });
});

test.each<[string, unknown, string]>([
  ['no object', [1], 'must be an object'],
  [
    'an element without its merge key',
    { spec: { containers: [{ image: 'x' }] } },
    'does not contain declared merge key: name',
  ],
  ['an element that is no object', { spec: { containers: ['x'] } }, 'elements of containers must be objects'],
  ['an unknown directive', { spec: { $patch: 'explode' } }, 'unknown patch type'],
  [
    'merging a list as a whole',
    { spec: { containers: [{ $patch: 'merge', name: 'a' }] } },
    'merging lists cannot yet be specified',
  ],
  [
    'an order that lacks an element',
    { spec: { '$setElementOrder/containers': [{ name: 'b' }], containers: [{ name: 'a' }] } },
    "doesn't match $setElementOrder",
  ],
  ['an order that is no list', { spec: { '$setElementOrder/containers': 1 } }, 'must be a list'],
  ['keys to retain that lack one', { spec: { $retainKeys: [], hostname: 'x' } }, '$retainKeys must list every field'],
  ['__proto__', JSON.parse('{"metadata":{"labels":{"__proto__":{"a":"b"}}}}'), '"__proto__" is not accepted'],
])('%s is refused', (_title, patch, message) => {
  const attempt = () => patchPod(podWith({ name: 'a' }), patch);
  expect(attempt).toThrow(PatchError);
  expect(attempt).toThrow(message);
});

const containerName = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const containerList = fc.uniqueArray(fc.record({ name: containerName, image: fc.constantFrom('x', 'y') }), {
  selector: ({ name }) => name,
});

test('whatever the lists: every element of the patch is in the result as patched, every other as it was, no name twice', () => {
  fc.assert(
    fc.property(containerList, containerList, (original, patch) => {
      const result = patchPod(podWith(...original), { spec: { containers: patch } }) as {
        spec: { containers?: Json[] };
      };
      const names = (result.spec.containers ?? []).map(({ name }) => name);
      expect(new Set(names)).toEqual(new Set([...original, ...patch].map(({ name }) => name)));
      expect(names).toHaveLength(new Set(names).size);
      for (const element of result.spec.containers ?? []) {
        const wanted =
          patch.find(({ name }) => name === element['name']) ?? original.find(({ name }) => name === element['name']);
        expect(element).toEqual(wanted);
      }
    }),
  );
});

test('with an order the named elements come in that order', () => {
  fc.assert(
    fc.property(containerList, fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e']), (original, order) => {
      const patch = { spec: { '$setElementOrder/containers': order.map((name) => ({ name })) } };
      const result = patchPod(podWith(...original), patch) as { spec: { containers: { name: string }[] } };
      const names = result.spec.containers.map(({ name }) => name);
      expect(names.filter((name) => order.includes(name))).toEqual(order.filter((name) => names.includes(name)));
      const unnamed = original.map(({ name }) => name).filter((name) => !order.includes(name));
      expect(names.filter((name) => !order.includes(name))).toEqual(unnamed);
    }),
  );
});
