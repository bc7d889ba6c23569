import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSession } from '../src/index.ts';
import { decide } from './decisions.ts';
import { node, pod } from './objects.ts';
import { crowdedHistory, history, replicatedHistory } from './random-cluster.ts';
import { orderOf, ReferenceScheduler } from './reference/reference-scheduler.ts';

const numRuns = Number(process.env['BERTH_PROPERTY_RUNS'] ?? 400);

test.each([
  { clusters: 'all kinds of pods', histories: history },
  { clusters: 'many pods of few kinds', histories: replicatedHistory },
  { clusters: 'too little room for pods of several priorities', histories: crowdedHistory },
])('$clusters: every decision is the one that the slow reference makes, whatever happens', ({ histories }) => {
  fc.assert(
    fc.property(histories, (happenings) => {
      const reference = new ReferenceScheduler(createSession({ nodeOrder: orderOf }));
      for (const happening of happenings) reference.happen(happening);
    }),
    { numRuns },
  );
});

test('the order in which nodes were announced does not matter', () => {
  const decisionsOf = (names: readonly string[]): readonly [string, string][] => {
    const session = createSession();
    for (const name of names) session.upsertNode(node(name, { pods: '3' }));
    for (let at = 0; at < 9; at += 1) session.upsertPod(pod(`p${at}`));
    return [...decide(session).placed];
  };
  expect(decisionsOf(['a', 'b', 'c'])).toEqual(decisionsOf(['c', 'a', 'b']));
});
