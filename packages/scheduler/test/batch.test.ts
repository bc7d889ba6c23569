import { expect, test } from 'vitest';
import { createSession, profile, type Session } from '../src/index.ts';
import { node, pod } from './objects.ts';

function placeAll(session: Session): ReadonlyMap<string, string> {
  const placed = new Map<string, string>();
  session.scheduleBatch({
    placed: (uid, name, _score, devices) => placed.set(uid, devices === undefined ? name : `${name} ${devices}`),
    preempting: () => undefined,
    unschedulable: () => undefined,
  });
  return placed;
}

test('large pods are placed before small ones, whatever their order of arrival', () => {
  const session = createSession({ nodeOrder: (name) => Number(name[1]) });
  for (const name of ['n1', 'n2']) session.upsertNode(node(name, { cpu: '4' }));
  for (const uid of ['s1', 's2']) session.upsertPod(pod(uid, { cpu: '2', created: '2026-01-01T00:00:00Z' }));
  session.upsertPod(pod('large', { cpu: '4', created: '2026-01-01T00:00:09Z' }));
  expect([...placeAll(session)]).toEqual([
    ['large', 'n1'],
    ['s1', 'n2'],
    ['s2', 'n2'],
  ]);
});

test('priorities are not mixed: a small important pod comes before a large one', () => {
  const session = createSession();
  session.upsertNode(node('n1', { cpu: '4' }));
  session.upsertPod(pod('large', { cpu: '4' }));
  session.upsertPod(pod('important', { cpu: '1', spec: { priority: 10 } }));
  expect([...placeAll(session).keys()]).toEqual(['important']);
});

test('parts of devices are combined so that devices are used up', () => {
  const session = createSession({ profiles: [profile('default-scheduler', 'stranding')] });
  session.upsertNode(node('n1', { cpu: '64', memory: '64Gi', extra: { 'berth.dev/gpu': '2' } }));
  const part = (uid: string, milli: number) => pod(uid, { requests: { 'berth.dev/gpu-milli': String(milli) } });
  for (const [uid, milli] of Object.entries({ a: 600, b: 500, c: 500, d: 400 })) session.upsertPod(part(uid, milli));
  const placed = placeAll(session);
  expect([placed.get('a') === placed.get('d'), placed.get('b') === placed.get('c'), placed.size]).toEqual([
    true,
    true,
    4,
  ]);
});

test('pods that fit nowhere are refused as ever, gangs stay whole', () => {
  const session = createSession();
  session.upsertNode(node('n1', { cpu: '4' }));
  const gang = (uid: string) => {
    const made = pod(uid, { cpu: '1' });
    return {
      ...made,
      metadata: { ...made.metadata, annotations: { 'berth.dev/gang': 'g', 'berth.dev/gang-size': '3' } },
    };
  };
  for (const uid of ['g1', 'g2', 'g3']) session.upsertPod(gang(uid));
  session.upsertPod(pod('big', { cpu: '2' }));
  const refused: string[] = [];
  session.scheduleBatch({
    placed: () => undefined,
    preempting: () => undefined,
    unschedulable: (uid) => refused.push(uid),
  });
  expect(refused).toEqual(['g1', 'g2', 'g3']);
});
