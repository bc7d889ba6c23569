import { expect, test } from 'vitest';
import { createSession, type Session } from '../src/index.ts';
import { decide } from './decisions.ts';
import { node, type PodSketch, pod, zoneKey } from './objects.ts';

/** Nodes n1, n2, ... of one core each, ordered by number. */
function cluster(nodes: number): Session {
  const session = createSession({ nodeOrder: (name) => Number(name.slice(1)) });
  for (let at = 1; at <= nodes; at += 1) session.upsertNode(node(`n${at}`, { cpu: '1' }));
  return session;
}

const ranked = (uid: string, priority: number, sketch: PodSketch = {}) =>
  pod(uid, { cpu: '1', ...sketch, spec: { priority, ...sketch.spec } });

test('a pod of higher priority is promised the room of one of lower priority, and placed when that is gone', () => {
  const session = cluster(1);
  session.upsertPod(ranked('low', 0, { node: 'n1' }));
  session.upsertPod(ranked('high', 10));
  expect(decide(session).promised.get('high')).toEqual({ node: 'n1', victims: ['low'] });
  expect(session.hasWork).toBe(false);
  session.upsertPod(ranked('low', 0, { node: 'n1', terminating: true }));
  expect(decide(session).order).toEqual([]);
  session.removePod('low');
  expect(decide(session).placed.get('high')).toBe('n1');
});

test('equal priority pushes nobody out, nor does a pod that says Never', () => {
  const session = cluster(1);
  session.upsertPod(ranked('there', 10, { node: 'n1' }));
  session.upsertPod(ranked('equal', 10));
  session.upsertPod(ranked('polite', 20, { spec: { preemptionPolicy: 'Never' } }));
  const { refused } = decide(session);
  expect(refused.get('equal')?.message).toBe(
    '0/1 nodes are available: 1 Insufficient cpu. ' +
      'preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
  );
  expect(refused.get('polite')?.message).toBe(
    '0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.',
  );
});

test('nodes where preemption cannot help are counted apart', () => {
  const session = cluster(2);
  session.upsertNode(node('n2', { cpu: '1', unschedulable: true }));
  session.upsertNode(node('n3', { cpu: '2', memory: '1Gi' }));
  session.upsertPod(ranked('there', 0, { node: 'n3' }));
  session.upsertPod(ranked('top', 20, { node: 'n3' }));
  session.upsertPod(ranked('p', 10, { cpu: '1500m' }));
  expect(decide(session).refused.get('p')?.message).toBe(
    '0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu. preemption: 0/3 nodes are available: ' +
      '1 Insufficient cpu, 2 Preemption is not helpful for scheduling.',
  );
});

test.each([
  {
    rule: 'a node without broken budgets comes first',
    pods: [ranked('a', 5, { node: 'n1', labels: { app: 'db' } }), ranked('b', 6, { node: 'n2' })],
    victims: ['b'],
  },
  {
    rule: 'then the one whose most important victim is least important',
    pods: [ranked('a', 5, { node: 'n1' }), ranked('b', 4, { node: 'n2' })],
    victims: ['b'],
  },
  {
    rule: 'then the one whose victims are fewer and less important in all',
    pods: [
      ranked('a1', 4, { node: 'n1', cpu: '500m' }),
      ranked('a2', 3, { node: 'n1', cpu: '500m' }),
      ranked('b1', 4, { node: 'n2', cpu: '500m' }),
      ranked('b2', 2, { node: 'n2', cpu: '500m' }),
    ],
    victims: ['b1', 'b2'],
  },
  {
    rule: 'then the one whose most important victim is younger',
    pods: [
      ranked('a', 4, { node: 'n1', created: '2026-01-01T00:00:00Z' }),
      ranked('b', 4, { node: 'n2', created: '2026-01-01T00:00:05Z' }),
    ],
    victims: ['b'],
  },
  {
    rule: 'then the first in the fixed order',
    pods: [ranked('a', 4, { node: 'n1' }), ranked('b', 4, { node: 'n2' })],
    victims: ['a'],
  },
])('of several nodes: $rule', ({ pods, victims }) => {
  const session = cluster(2);
  session.upsertBudget({
    metadata: { namespace: 'default', name: 'db' },
    spec: { selector: { matchLabels: { app: 'db' } } },
    status: { disruptionsAllowed: 0 },
  });
  for (const each of pods) session.upsertPod(each);
  session.upsertPod(ranked('high', 10));
  expect([...(decide(session).promised.get('high')?.victims ?? [])].sort()).toEqual(victims);
});

test('on a node the less important and the younger pods go, and no more than needed', () => {
  const session = cluster(1);
  const half = { cpu: '250m', node: 'n1' };
  session.upsertPod(ranked('important', 5, half));
  session.upsertPod(ranked('old', 1, { ...half, created: '2026-01-01T00:00:00Z' }));
  session.upsertPod(ranked('young', 1, { ...half, created: '2026-01-01T00:00:09Z' }));
  session.upsertPod(ranked('least', 0, half));
  session.upsertPod(ranked('high', 10, { cpu: '500m' }));
  expect([...(decide(session).promised.get('high')?.victims ?? [])].sort()).toEqual(['least', 'young']);
});

test('promised room is kept from others of the same priority, but not from a more important pod', () => {
  const session = cluster(1);
  session.upsertPod(ranked('low', 0, { node: 'n1' }));
  session.upsertPod(ranked('high', 10));
  decide(session);
  session.removePod('low');
  session.upsertPod(ranked('other', 10, { created: '2020-01-01T00:00:00Z' }));
  const first = decide(session);
  expect([first.placed.get('high'), first.refused.has('other')]).toEqual(['n1', true]);
  const contested = cluster(1);
  contested.upsertPod(ranked('low', 0, { node: 'n1' }));
  contested.upsertPod(ranked('high', 10));
  decide(contested);
  contested.upsertPod(ranked('highest', 20));
  const second = decide(contested);
  expect(second.promised.get('highest'), 'the victim is going already').toEqual({ node: 'n1', victims: [] });
  contested.removePod('low');
  expect(decide(contested).placed.get('highest')).toBe('n1');
});

test('several preemptors choose different nodes', () => {
  const session = cluster(3);
  for (const at of [1, 2, 3]) session.upsertPod(ranked(`low${at}`, 0, { node: `n${at}` }));
  for (const at of [1, 2, 3]) session.upsertPod(ranked(`high${at}`, 10));
  const { promised } = decide(session);
  expect([...promised.values()].map(({ node: name }) => name)).toEqual(['n1', 'n2', 'n3']);
});

test('a waiting pod takes room that comes up elsewhere', () => {
  const session = cluster(1);
  session.upsertPod(ranked('low', 0, { node: 'n1' }));
  session.upsertPod(ranked('high', 10));
  decide(session);
  session.upsertNode(node('n2', { cpu: '1' }));
  expect(decide(session).placed.get('high')).toBe('n2');
});

test('a budget is used up by victims that are not gone yet', () => {
  const session = cluster(2);
  session.upsertBudget({
    metadata: { namespace: 'default', name: 'db' },
    spec: { selector: { matchLabels: { app: 'db' } } },
    status: { disruptionsAllowed: 1 },
  });
  session.upsertPod(ranked('db1', 0, { node: 'n1', labels: { app: 'db' } }));
  session.upsertPod(ranked('db2', 0, { node: 'n2', labels: { app: 'db' } }));
  session.upsertNode(node('n3', { cpu: '1' }));
  session.upsertPod(ranked('other', 5, { node: 'n3' }));
  session.upsertPod(ranked('first', 10));
  session.upsertPod(ranked('second', 10));
  const { promised } = decide(session);
  expect(promised.get('first')?.victims).toEqual(['db1']);
  expect(promised.get('second')?.victims).toEqual(['other']);
});

test('anti-affinity and spread are lifted by ending the pods they mean', () => {
  const session = createSession({ nodeOrder: (name) => Number(name.slice(1)) });
  session.upsertNode(node('n1', { zone: 'a' }));
  session.upsertNode(node('n2', { zone: 'a', cpu: '1' }));
  const away = {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels: { app: 'noisy' } }, topologyKey: zoneKey },
      ],
    },
  };
  session.upsertPod(ranked('noisy', 0, { node: 'n1', labels: { app: 'noisy' }, cpu: '100m' }));
  session.upsertPod(ranked('quiet', 10, { spec: { affinity: away } }));
  expect(decide(session).promised.get('quiet')).toEqual({ node: 'n1', victims: ['noisy'] });
});

test('a promise written in the status of a pod is remembered by a scheduler that knows nothing else', () => {
  const session = cluster(2);
  session.upsertPod({ ...ranked('high', 10), status: { nominatedNodeName: 'n2' } });
  expect(decide(session).placed.get('high')).toBe('n2');
});
