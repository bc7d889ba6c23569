import type { Node, Pod } from '@berth/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSession } from '../src/index.ts';
import { decide } from './decisions.ts';
import { someNode, somePod } from './random-cluster.ts';

test('any decision can be made again from the objects of its revision and the decisions before it', () => {
  const scene = fc.tuple(
    fc.array(someNode, { minLength: 1, maxLength: 5 }),
    fc.array(somePod, { minLength: 1, maxLength: 12 }),
  );
  fc.assert(
    fc.property(scene, ([nodes, somePods]) => {
      const pods = [...new Map(somePods.map((each) => [each.metadata.uid, unhurried(each)])).values()];
      const load = () => {
        const session = createSession();
        for (const each of nodes as readonly Node[]) session.upsertNode(each);
        for (const each of pods) session.upsertPod(each);
        return session;
      };
      const original = load();
      original.setRevision(7);
      decide(original);
      const records = original.decisions();
      for (const record of records) {
        const again = load();
        for (const earlier of records.slice(0, record.sequence)) again.assume(earlier.uid, earlier.node);
        const [best] = again.explain(record.uid)?.nodes ?? [];
        expect({ ...record, node: best?.node, score: best?.score }).toEqual(record);
        expect(record.revision).toBe(7);
      }
    }),
    { numRuns: 200 },
  );
});

/** Without preemption and promises, which are decisions of their own. */
function unhurried(pod: Pod): Pod {
  const { status: _, ...rest } = pod;
  return { ...rest, spec: { ...pod.spec, priority: 0 } };
}

test('only the latest are kept, under their sequence numbers', () => {
  const session = createSession({ recordsMax: 3 });
  session.upsertNode({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n' },
    spec: {},
    status: { allocatable: { pods: '9' } },
  });
  for (let at = 0; at < 5; at += 1)
    session.upsertPod({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `p${at}`, uid: `p${at}` },
      spec: { containers: [] },
    });
  decide(session);
  expect(session.decisions().map(({ sequence, uid }) => [sequence, uid])).toEqual([
    [2, 'p2'],
    [3, 'p3'],
    [4, 'p4'],
  ]);
  expect(session.decisions(4)).toHaveLength(1);
});
