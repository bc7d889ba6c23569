import { expect, test } from 'vitest';
import { createSession, profile, type Strategy } from '../../src/index.ts';
import { decide } from '../decisions.ts';
import { node, pod } from '../objects.ts';

/** Loads n1 with `used` cores and GiB, places pods of 1 core and 4 GiB, and tells which nodes they got. */
function place(strategy: Strategy, count: number): readonly string[] {
  const session = createSession({
    profiles: [profile('default-scheduler', strategy)],
    nodeOrder: (name) => Number(name[1]),
  });
  for (const name of ['n1', 'n2', 'n3']) session.upsertNode(node(name));
  session.upsertPod(pod('there', { cpu: '1', memory: '1Gi', node: 'n2' }));
  for (let at = 0; at < count; at += 1) session.upsertPod(pod(`p${at}`, { cpu: '1', memory: '4Gi' }));
  return [...decide(session).placed.values()];
}

test('pack fills the fullest node first, then the next in the fixed order', () => {
  expect(place('pack', 8)).toEqual(['n2', 'n2', 'n2', 'n1', 'n1', 'n1', 'n1', 'n3']);
});

test('spread goes to the emptiest node, equals in the fixed order', () => {
  expect(place('spread', 5)).toEqual(['n1', 'n3', 'n2', 'n1', 'n3']);
});

test('balanced prefers the node whose CPU and memory run out together', () => {
  const session = createSession({ profiles: [profile('default-scheduler', 'balanced')] });
  for (const name of ['cpu-heavy', 'even']) session.upsertNode(node(name));
  session.upsertPod(pod('a', { cpu: '2', memory: '1Gi', node: 'cpu-heavy' }));
  session.upsertPod(pod('b', { cpu: '1', memory: '5Gi', node: 'even' }));
  session.upsertPod(pod('p', { cpu: '100m', memory: '4Gi' }));
  expect(decide(session).placed.get('p')).toBe('cpu-heavy');
});

test('each scheduler name has its own profile; pods of other schedulers are left alone', () => {
  const session = createSession({
    profiles: [profile('default-scheduler', 'pack'), profile('wide', 'spread')],
    nodeOrder: (name) => Number(name[1]),
  });
  for (const name of ['n1', 'n2']) session.upsertNode(node(name));
  session.upsertPod(pod('there', { cpu: '1', node: 'n2' }));
  for (const schedulerName of ['default-scheduler', 'wide', 'stranger'])
    session.upsertPod(pod(schedulerName, { spec: { schedulerName } }));
  const { placed, order } = decide(session);
  expect([...placed]).toEqual([
    ['default-scheduler', 'n2'],
    ['wide', 'n1'],
  ]);
  expect(order).toHaveLength(2);
});
