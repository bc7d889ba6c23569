import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSession, type Session } from '../src/index.ts';
import { type Decisions, decide } from './decisions.ts';
import { node, type PodSketch, pod, zoneKey } from './objects.ts';

/** A pod of a gang: annotations say so. */
function member(uid: string, gang: string, size: number, sketch: PodSketch & { readonly topology?: string } = {}) {
  const made = pod(uid, sketch);
  const topology = sketch.topology === undefined ? {} : { 'berth.dev/gang-topology': sketch.topology };
  const annotations = { 'berth.dev/gang': gang, 'berth.dev/gang-size': String(size), ...topology };
  return { ...made, metadata: { ...made.metadata, annotations } };
}

function zonesOf(decisions: Decisions): readonly string[] {
  return [...new Set([...decisions.placed.values()].map((name) => name.charAt(0)))];
}

/** Nodes a1, a2, b1, b2 and so on, of one core each. */
function cluster(sizes: Readonly<Record<string, number>>): Session {
  const session = createSession();
  for (const [zone, nodes] of Object.entries(sizes))
    for (let at = 1; at <= nodes; at += 1) session.upsertNode(node(`${zone}${at}`, { zone, cpu: '1' }));
  return session;
}

test('the pods of a gang wait until all are there, then all are placed', () => {
  const session = cluster({ a: 3 });
  session.upsertPod(member('p1', 'job', 3, { cpu: '1' }));
  session.upsertPod(member('p2', 'job', 3, { cpu: '1' }));
  const first = decide(session);
  expect(first.placed.size).toBe(0);
  expect(first.refused.get('p1')?.message).toBe('waits for the other pods of gang "default/job": it needs 3 at once.');
  session.upsertPod(member('p3', 'job', 3, { cpu: '1' }));
  expect([...decide(session).placed.keys()]).toEqual(['p1', 'p2', 'p3']);
});

test('without room for all none is placed, and others may use the room', () => {
  const session = cluster({ a: 2 });
  for (const uid of ['p1', 'p2', 'p3']) session.upsertPod(member(uid, 'job', 3, { cpu: '1' }));
  session.upsertPod(pod('single', { cpu: '1' }));
  const first = decide(session);
  expect([...first.placed.keys()]).toEqual(['single']);
  expect(first.refused.get('p2')?.message).toBe('gang "default/job" needs 3 pod(s) placed at once, at most 1 fit.');
  expect(session.hasWork).toBe(false);
  session.upsertNode(node('a3', { cpu: '1' }));
  expect(decide(session).placed.size).toBe(0);
  session.upsertNode(node('a4', { cpu: '1' }));
  expect(decide(session).placed.size).toBe(3);
});

test('a gang that wants one zone gets the zone with the least room that does', () => {
  const session = cluster({ a: 5, b: 3, c: 2 });
  for (let at = 0; at < 3; at += 1) session.upsertPod(member(`p${at}`, 'job', 3, { cpu: '1', topology: zoneKey }));
  expect(zonesOf(decide(session))).toEqual(['b']);
});

test('no zone is large enough: the gang waits although the cluster is', () => {
  const session = cluster({ a: 2, b: 2 });
  for (let at = 0; at < 3; at += 1) session.upsertPod(member(`p${at}`, 'job', 3, { cpu: '1', topology: zoneKey }));
  expect(decide(session).refused.get('p0')?.message).toContain(`placed at once in one ${zoneKey}`);
});

test('a pod that is made again joins the others in their zone', () => {
  const session = cluster({ a: 5, b: 3 });
  const sketch = { cpu: '1', topology: zoneKey };
  for (let at = 0; at < 3; at += 1) session.upsertPod(member(`p${at}`, 'job', 3, sketch));
  decide(session);
  session.removePod('p1');
  session.upsertPod(member('p1-again', 'job', 3, sketch));
  expect(decide(session).placed.get('p1-again')).toMatch(/^b/);
});

test('two gangs that do not fit together do not block each other for ever', () => {
  const session = cluster({ a: 4 });
  for (const gang of ['one', 'two'])
    for (let at = 0; at < 3; at += 1) session.upsertPod(member(`${gang}${at}`, gang, 3, { cpu: '1' }));
  expect([...decide(session).placed.keys()]).toEqual(['one0', 'one1', 'one2']);
  expect(session.hasWork).toBe(false);
  for (let at = 0; at < 3; at += 1) session.removePod(`one${at}`);
  expect([...decide(session).placed.keys()]).toEqual(['two0', 'two1', 'two2']);
});

test('a gang of equal pods is placed exactly when some zone has room for all of them', () => {
  const zoneSizes = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 4 }), { minKeys: 1 });
  fc.assert(
    fc.property(zoneSizes, fc.integer({ min: 1, max: 9 }), fc.constantFrom('300m', '500m', '1'), (sizes, size, cpu) => {
      const session = cluster(sizes);
      for (let at = 0; at < size; at += 1) session.upsertPod(member(`p${at}`, 'job', size, { cpu, topology: zoneKey }));
      const perNode = { '300m': 3, '500m': 2, '1': 1 }[cpu] ?? 0;
      const largest = Math.max(...Object.values(sizes).map((nodes) => nodes * perNode));
      const { placed } = decide(session);
      expect(placed.size).toBe(largest >= size ? size : 0);
    }),
    { numRuns: 300 },
  );
});
