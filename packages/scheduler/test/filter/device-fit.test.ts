import { expect, test } from 'vitest';
import { createSession, profile } from '../../src/index.ts';
import { decide } from '../decisions.ts';
import { node, pod } from '../objects.ts';
import { verdict } from '../verdict.ts';

const gpus = (count: number) => node('n1', { cpu: '64', extra: { 'berth.dev/gpu': String(count) } });
const whole = (uid: string, count: number, more = {}) =>
  pod(uid, { requests: { 'berth.dev/gpu': String(count) }, ...more });
const part = (uid: string, milli: number, more = {}) =>
  pod(uid, { requests: { 'berth.dev/gpu-milli': String(milli) }, ...more });

test('parts left on several devices do not add up', () => {
  const there = [part('a', 600, { node: 'n1' }), part('b', 600, { node: 'n1' })];
  expect(verdict([gpus(2)], there, part('p', 400))).toBe('n1');
  expect(verdict([gpus(2)], there, part('p', 500))).toBe(
    '0/1 nodes are available: 1 Insufficient berth.dev/gpu (no single device has 500/1000 free).',
  );
  expect(verdict([gpus(2)], [part('a', 10, { node: 'n1' })], whole('p', 2))).toContain('Insufficient berth.dev/gpu');
});

test('a part goes to the fullest device that has it, whole devices are the lowest that are free', () => {
  const session = createSession();
  session.upsertNode(gpus(4));
  const given: (string | undefined)[] = [];
  const place = (made: ReturnType<typeof pod>) => {
    session.upsertPod(made);
    session.schedule(1, {
      placed: (_uid, _node, _score, devices) => given.push(devices),
      preempting: () => undefined,
      unschedulable: () => given.push('refused'),
    });
  };
  place(part('a', 300));
  place(part('b', 500));
  place(whole('c', 2));
  place(part('d', 300));
  place(part('e', 200));
  place(whole('f', 1));
  expect(given).toEqual(
    [[0], [0], [1, 2], [3], [0], 'refused'].map((devices) =>
      devices === 'refused' ? 'refused' : JSON.stringify({ 'berth.dev/gpu': devices }),
    ),
  );
});

test('devices that the store says a pod has are the ones that are taken', () => {
  const session = createSession();
  session.upsertNode(gpus(2));
  const made = part('there', 700, { node: 'n1' });
  session.upsertPod({
    ...made,
    metadata: { ...made.metadata, annotations: { 'berth.dev/devices': '{"berth.dev/gpu":[1]}' } },
  });
  session.upsertPod(part('p', 300));
  const devices: (string | undefined)[] = [];
  session.schedule(1, {
    placed: (_uid, _node, _score, given) => devices.push(given),
    preempting: () => undefined,
    unschedulable: () => undefined,
  });
  expect(devices).toEqual(['{"berth.dev/gpu":[1]}']);
});

test('stranding keeps CPU for the devices that need it', () => {
  const session = createSession({
    profiles: [profile('default-scheduler', 'stranding')],
    nodeOrder: (name) => (name === 'tight' ? 0 : 1),
  });
  session.upsertNode(node('tight', { cpu: '12', extra: { 'berth.dev/gpu': '1' } }));
  session.upsertNode(node('wide', { cpu: '64', extra: { 'berth.dev/gpu': '1' } }));
  session.upsertPod(pod('no-device', { cpu: '8' }));
  session.upsertPod(whole('device', 1, { cpu: '12' }));
  const { placed } = decide(session);
  expect([...placed]).toEqual([
    ['no-device', 'wide'],
    ['device', 'tight'],
  ]);
});
