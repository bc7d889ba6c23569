import { expect, test } from 'vitest';
import { createSession, type Session } from '../src/index.ts';
import { decide } from './decisions.ts';
import { node, type PodSketch, pod, zoneKey } from './objects.ts';

function cluster(names: readonly string[], cpu = '4'): Session {
  const session = createSession({ nodeOrder: (name) => name.charCodeAt(0) * 100 + Number(name.slice(1)) });
  for (const name of names) session.upsertNode(node(name, { zone: name.charAt(0), cpu }));
  return session;
}

/** What may not change by asking; how much is prepared may. */
function snapshot(session: Session): string {
  const { nodes, pods, pending, parked } = session.stats();
  return JSON.stringify([nodes, pods, pending, parked, session.hasWork]);
}

test('headroom counts copies by all rules, and leaves no trace', () => {
  const session = cluster(['a1', 'a2', 'b1'], '2');
  session.upsertPod(pod('there', { cpu: '1', node: 'a1' }));
  const before = snapshot(session);
  const plain = session.headroom(pod('x', { cpu: '1' }), 100);
  expect([plain.fits, plain.isLimited, [...plain.byNode]]).toEqual([
    5,
    false,
    [
      ['a1', 1],
      ['a2', 2],
      ['b1', 2],
    ],
  ]);
  const spread = {
    maxSkew: 1,
    topologyKey: zoneKey,
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: { matchLabels: { app: 'x' } },
  };
  const even = pod('x', { cpu: '1', labels: { app: 'x' }, spec: { topologySpreadConstraints: [spread] } });
  expect(session.headroom(even, 100).fits).toBe(5);
  expect(session.headroom(pod('x', { cpu: '1' }), 2)).toMatchObject({ fits: 2, isLimited: true });
  expect(snapshot(session)).toBe(before);
});

test('N-1: which pods would find no place if a node or a zone were lost', () => {
  const session = cluster(['a1', 'a2', 'b1'], '2');
  for (const [uid, home] of Object.entries({ p1: 'a1', p2: 'a1', p3: 'a2', p4: 'b1' }))
    session.upsertPod(pod(uid, { cpu: '1', node: home }));
  const before = snapshot(session);
  expect(session.nodeLoss(['b1'])).toEqual({ moved: 1, stranded: [] });
  expect(session.nodeLoss(['a1'])).toEqual({ moved: 2, stranded: [] });
  expect(session.nodeLoss(['a1', 'a2'])).toEqual({ moved: 1, stranded: ['p2', 'p3'] });
  expect(snapshot(session)).toBe(before);
});

test('pods that stay with their node, or are going, are not missed', () => {
  const session = cluster(['a1']);
  const tolerations = [{ operator: 'Exists' }];
  session.upsertPod(pod('daemon', { node: 'a1', spec: { tolerations } }));
  session.upsertPod(pod('going', { node: 'a1', terminating: true }));
  expect(session.nodeLoss(['a1'])).toEqual({ moved: 0, stranded: [] });
});

const owned = (uid: string, home: string, sketch: PodSketch = {}) => pod(uid, { owner: 'web', node: home, ...sketch });
const limits = { movesMax: 10, gainMin: 100 };

test('a node that came back gets its share: moves with their new places, the largest gain first', () => {
  const session = cluster(['a1', 'b1']);
  for (const uid of ['p1', 'p2', 'p3', 'p4']) session.upsertPod(owned(uid, 'a1'));
  const plan = session.planMoves(limits);
  expect(plan.moves.map(({ from, to }) => `${from} ${to}`)).toEqual(['a1 b1', 'a1 b1']);
  expect(plan.isLimited).toBe(false);
});

test('once a plan is carried out there is nothing left to plan', () => {
  const session = cluster(['a1', 'a2', 'b1', 'b2']);
  for (let at = 0; at < 9; at += 1) session.upsertPod(owned(`p${at}`, 'a1', { cpu: '100m' }));
  for (const { uid, to } of session.planMoves(limits).moves) session.upsertPod(owned(uid, to, { cpu: '100m' }));
  expect(session.planMoves(limits).moves).toEqual([]);
});

test('no more moves than asked for, no budget exceeded, no pod that nobody would make again', () => {
  const crowded = (): Session => {
    const session = cluster(['a1', 'b1']);
    for (const uid of ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'])
      session.upsertPod(owned(uid, 'a1', { labels: { app: 'web' } }));
    return session;
  };
  expect(crowded().planMoves({ ...limits, movesMax: 1 })).toMatchObject({ moves: [{ to: 'b1' }], isLimited: true });
  const guarded = crowded();
  guarded.upsertBudget({
    metadata: { namespace: 'default', name: 'web' },
    spec: { selector: { matchLabels: { app: 'web' } } },
    status: { disruptionsAllowed: 1 },
  });
  const plan = guarded.planMoves(limits);
  expect([plan.moves.length, plan.heldByBudgets > 0]).toEqual([1, true]);
  const orphans = cluster(['a1', 'b1']);
  const wish = { maxSkew: 1, topologyKey: zoneKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: {} };
  for (const uid of ['p1', 'p2', 'p3'])
    orphans.upsertPod(pod(uid, { node: 'a1', spec: { topologySpreadConstraints: [wish] } }));
  expect(orphans.planMoves(limits).moves).toEqual([]);
});

test('a small gain is not worth a move', () => {
  const session = cluster(['a1', 'b1']);
  for (const [uid, home] of Object.entries({ p1: 'a1', p2: 'a1', p3: 'b1' })) session.upsertPod(owned(uid, home));
  expect(session.planMoves(limits).moves).toEqual([]);
});

test('a pod on a node that no longer suits it is moved whatever the gain', () => {
  const session = cluster(['a1', 'b1']);
  session.upsertPod(owned('p1', 'a1', { spec: { nodeSelector: { [zoneKey]: 'b' } } }));
  expect(session.planMoves(limits).moves).toMatchObject([{ uid: 'p1', to: 'b1' }]);
  expect(decide(session).order).toEqual([]);
});
