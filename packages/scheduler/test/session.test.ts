import { expect, test } from 'vitest';
import { createSession } from '../src/index.ts';
import { decide } from './decisions.ts';
import { node, pod } from './objects.ts';
import { mainClause } from './verdict.ts';

test('higher priority is served first, then the older pod, then the one known first', () => {
  const session = createSession();
  session.upsertNode(node('n1'));
  session.upsertPod(pod('late', { created: '2026-01-01T00:00:09Z' }));
  session.upsertPod(pod('early', { created: '2026-01-01T00:00:01Z' }));
  session.upsertPod(pod('early-too', { created: '2026-01-01T00:00:01Z' }));
  session.upsertPod(pod('urgent', { created: '2026-01-01T00:01:00Z', spec: { priority: 5 } }));
  expect(decide(session).order).toEqual(['urgent', 'early', 'early-too', 'late']);
});

test('no node at all: Kubernetes says it in so many words', () => {
  const session = createSession();
  session.upsertPod(pod('p'));
  expect(decide(session).refused.get('p')?.message).toBe('no nodes available to schedule pods');
});

test('the sentence counts nodes per reason, reasons in the order of their text', () => {
  const session = createSession();
  for (const name of ['n1', 'n2', 'n3']) session.upsertNode(node(name));
  session.upsertNode(node('n4', { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }] }));
  session.upsertPod(pod('p', { cpu: '64' }));
  const refusal = decide(session).refused.get('p');
  expect(mainClause(refusal?.message ?? '')).toBe(
    '0/4 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }, 3 Insufficient cpu.',
  );
});

test('the nearest miss is the node that fails the fewest rules, with all that stands in the way there', () => {
  const session = createSession();
  session.upsertNode(node('far', { unschedulable: true, cpu: '1' }));
  session.upsertNode(node('near', { cpu: '2', memory: '1Gi' }));
  session.upsertPod(pod('p', { cpu: '3', memory: '2Gi' }));
  expect(decide(session).refused.get('p')?.diagnosis.nearest).toEqual({
    node: 'near',
    reasons: ['Insufficient cpu', 'Insufficient memory'],
  });
});

test('a pod with scheduling gates waits until the last one is gone', () => {
  const session = createSession();
  session.upsertNode(node('n1'));
  session.upsertPod(pod('p', { spec: { schedulingGates: [{ name: 'quota' }] } }));
  expect(decide(session).order).toEqual([]);
  session.upsertPod(pod('p', { spec: { schedulingGates: [] } }));
  expect(decide(session).placed.get('p')).toBe('n1');
});

test('a placement is reckoned with before the store confirms it, and undone when it fails', () => {
  const session = createSession();
  session.upsertNode(node('n1', { cpu: '1' }));
  session.upsertPod(pod('a', { cpu: '1' }));
  session.upsertPod(pod('b', { cpu: '1' }));
  expect([...decide(session).placed.keys()]).toEqual(['a']);
  session.upsertPod(pod('a', { cpu: '1', labels: { touched: 'yes' } }));
  expect(decide(session).order, 'news of the pending pod do not undo it').toEqual([]);
  session.release('a');
  session.removePod('a');
  expect([...decide(session).placed.keys()]).toEqual(['b']);
});

test('a released pod is decided anew', () => {
  const session = createSession();
  session.upsertNode(node('n1'));
  session.upsertPod(pod('a'));
  decide(session);
  session.release('a');
  expect(decide(session).placed.get('a')).toBe('n1');
});

test('when the store says another node than was decided, the store is right', () => {
  const session = createSession({ nodeOrder: (name) => Number(name[1]) });
  for (const name of ['n1', 'n2']) session.upsertNode(node(name, { cpu: '1' }));
  session.upsertPod(pod('a', { cpu: '1' }));
  decide(session);
  session.upsertPod(pod('a', { cpu: '1', node: 'n2' }));
  session.upsertPod(pod('b', { cpu: '1' }));
  expect(decide(session).placed.get('b')).toBe('n1');
});

test.each([
  { what: 'a node comes', happen: (session: ReturnType<typeof createSession>) => session.upsertNode(node('n2')) },
  { what: 'a pod goes', happen: (session: ReturnType<typeof createSession>) => session.removePod('big') },
  {
    what: 'the node grows',
    happen: (session: ReturnType<typeof createSession>) => session.upsertNode(node('n1', { cpu: '8' })),
  },
  {
    what: 'a pod is done',
    happen: (session: ReturnType<typeof createSession>) =>
      session.upsertPod({ ...pod('big', { cpu: '4', node: 'n1' }), status: { phase: 'Failed' } }),
  },
])('a pod that fitted nowhere is placed when $what', ({ happen }) => {
  const session = createSession();
  session.upsertNode(node('n1'));
  session.upsertPod(pod('big', { cpu: '4', node: 'n1' }));
  session.upsertPod(pod('p', { cpu: '1' }));
  expect(decide(session).refused.has('p')).toBe(true);
  expect(session.hasWork).toBe(false);
  happen(session);
  expect(session.hasWork).toBe(true);
  expect(decide(session).placed.has('p')).toBe(true);
});

test('pods that wait are told again only when they were tried again', () => {
  const session = createSession();
  session.upsertNode(node('n1', { cpu: '1' }));
  for (let at = 0; at < 100; at += 1) session.upsertPod(pod(`p${at}`, { cpu: '1' }));
  const first = decide(session);
  expect([first.placed.size, first.refused.size]).toEqual([1, 99]);
  session.removePod('p0');
  const second = decide(session);
  expect([second.placed.size, second.refused.size]).toEqual([1, 0]);
});

test('a review tells new reasons once, and only where they changed', () => {
  const session = createSession();
  session.upsertNode(node('n1'));
  for (const uid of ['a', 'b', 'c']) session.upsertPod(pod(uid, { cpu: '5' }));
  decide(session);
  const review = (limit: number): readonly string[] => {
    const told: string[] = [];
    session.review(limit, { unschedulable: (uid, { message }) => told.push(`${uid}: ${mainClause(message)}`) });
    return told;
  };
  expect(review(9)).toEqual([]);
  session.upsertNode(node('n2'));
  expect(review(2)).toEqual([
    'a: 0/2 nodes are available: 2 Insufficient cpu.',
    'b: 0/2 nodes are available: 2 Insufficient cpu.',
  ]);
  expect(review(2)).toEqual(['c: 0/2 nodes are available: 2 Insufficient cpu.']);
  session.upsertNode(node('n2', { labels: { any: 'label' } }));
  expect(review(9)).toEqual([]);
});

test('pods of a removed node count nowhere, and are back when the node is', () => {
  const session = createSession();
  session.upsertNode(node('n1', { cpu: '1' }));
  session.upsertPod(pod('a', { cpu: '1', node: 'n1' }));
  session.removeNode('n1');
  session.upsertNode(node('n1', { cpu: '1' }));
  session.upsertPod(pod('b', { cpu: '1' }));
  expect(mainClause(decide(session).refused.get('b')?.message ?? '')).toBe(
    '0/1 nodes are available: 1 Insufficient cpu.',
  );
});

test('a placement on a node that goes before it is confirmed is decided anew', () => {
  const session = createSession({ nodeOrder: (name) => Number(name[1]) });
  session.upsertNode(node('n1'));
  session.upsertNode(node('n2'));
  session.upsertPod(pod('a'));
  expect(decide(session).placed.get('a')).toBe('n1');
  session.removeNode('n1');
  expect(decide(session).placed.get('a')).toBe('n2');
});
