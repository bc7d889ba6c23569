import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LabelIndex } from '../../src/loops/label-index.ts';
import type { StoredObject } from '../../src/registry/registry.ts';

const word = fc.constantFrom('a', 'b', 'c');
const labels = fc.dictionary(word, word, { maxKeys: 3 });
const change = fc.record({
  key: fc.constantFrom('ns1/x', 'ns1/y', 'ns2/x', 'ns2/z'),
  labels: fc.option(labels, { nil: undefined }),
});

function objectOf(key: string, given: Readonly<Record<string, string>>): StoredObject {
  const [namespace = '', name = ''] = key.split('/');
  const metadata = { namespace, name, uid: key, resourceVersion: '1', creationTimestamp: '', labels: given };
  return { apiVersion: 'v1', kind: 'Pod', metadata };
}

test('after any changes the index finds what a walk over all objects finds', () => {
  const query = fc.dictionary(word, word, { minKeys: 1, maxKeys: 2 });
  fc.assert(
    fc.property(fc.array(change), fc.constantFrom('ns1', 'ns2', 'ns3'), query, (changes, namespace, wanted) => {
      const index = new LabelIndex();
      const all = new Map<string, StoredObject>();
      for (const { key, labels: given } of changes) {
        const before = all.get(key);
        const after = given === undefined ? undefined : objectOf(key, given);
        if (after === undefined) all.delete(key);
        else all.set(key, after);
        const revision = 1 as Parameters<LabelIndex['update']>[0]['revision'];
        index.update({
          resource: 'pods',
          key,
          revision,
          ...(before === undefined ? {} : { before }),
          ...(after === undefined ? {} : { after }),
        });
      }
      const walked = [...all.values()]
        .filter(({ metadata }) => metadata.namespace === namespace)
        .filter(({ metadata }) => Object.entries(wanted).every(([name, value]) => metadata.labels?.[name] === value))
        .map(({ metadata }) => metadata.uid)
        .sort();
      expect(index.find(namespace, wanted).map(({ metadata }) => metadata.uid)).toEqual(walked);
    }),
  );
});
