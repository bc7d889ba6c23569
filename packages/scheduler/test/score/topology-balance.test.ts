import { expect, test } from 'vitest';
import { createSession } from '../../src/index.ts';
import { decide } from '../decisions.ts';
import { hostKey, node, pod, zoneKey } from '../objects.ts';

const cluster = [
  node('a1', { zone: 'a' }),
  node('a2', { zone: 'a' }),
  node('b1', { zone: 'b' }),
  node('b2', { zone: 'b' }),
];

function countBy(homes: Iterable<string>): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const home of homes) counts[home] = (counts[home] ?? 0) + 1;
  return counts;
}

test('six pods of one owner go evenly over two zones and over the hosts in them', () => {
  const session = createSession();
  for (const each of cluster) session.upsertNode(each);
  for (let at = 0; at < 6; at += 1) session.upsertPod(pod(`p${at}`, { owner: 'web' }));
  const homes = [...decide(session).placed.values()];
  expect(countBy(homes.map((name) => name.charAt(0)))).toEqual({ a: 3, b: 3 });
  expect(Math.max(...Object.values(countBy(homes)))).toBe(2);
});

test('pods without an owner are packed', () => {
  const session = createSession();
  for (const each of cluster) session.upsertNode(each);
  for (let at = 0; at < 6; at += 1) session.upsertPod(pod(`p${at}`));
  expect(Object.values(countBy(decide(session).placed.values()))).toEqual([6]);
});

test('after the loss of a zone its pods run in the other one, for this spread is a wish', () => {
  const session = createSession();
  for (const each of cluster) session.upsertNode(each);
  for (const name of ['a1', 'a2']) session.removeNode(name);
  for (let at = 0; at < 6; at += 1) session.upsertPod(pod(`p${at}`, { owner: 'web' }));
  expect(countBy(decide(session).placed.values())).toEqual({ b1: 3, b2: 3 });
});

test('ScheduleAnyway constraints replace the spread by owner', () => {
  const session = createSession({ nodeOrder: (name) => Number(name.charCodeAt(0) * 10) + Number(name[1]) });
  for (const each of cluster) session.upsertNode(each);
  const constraint = {
    maxSkew: 1,
    topologyKey: hostKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: { app: 'web' } },
  };
  for (let at = 0; at < 4; at += 1)
    session.upsertPod(
      pod(`p${at}`, { owner: 'web', labels: { app: 'web' }, spec: { topologySpreadConstraints: [constraint] } }),
    );
  expect([...decide(session).placed.values()]).toEqual(['a1', 'a2', 'b1', 'b2']);
});

test('nodes without the label of a wish come last', () => {
  const session = createSession();
  session.upsertNode(node('lost'));
  session.upsertNode(node('a1', { zone: 'a' }));
  const constraint = { maxSkew: 1, topologyKey: zoneKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: {} };
  for (let at = 0; at < 4; at += 1)
    session.upsertPod(pod(`p${at}`, { spec: { topologySpreadConstraints: [constraint] } }));
  expect(countBy(decide(session).placed.values())).toEqual({ a1: 4 });
});
