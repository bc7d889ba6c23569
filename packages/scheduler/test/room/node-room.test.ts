import type { Node, Pod } from '@berth/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSession, devicesAnnotation, NodeRoom, type Room } from '../../src/index.ts';
import { node, type PodSketch, pod } from '../objects.ts';

const roomy = node('n1', {
  cpu: '4',
  memory: '8Gi',
  pods: '3',
  extra: { 'berth.dev/gpu': '2', 'example.com/card': '1' },
});

function look(on: Node, others: readonly Pod[], wanted: Pod): Room {
  return new NodeRoom().look(on, others, wanted);
}

function whyNot(others: readonly Pod[], wanted: Pod, on: Node = roomy): string {
  const room = look(on, others, wanted);
  return room.kind === 'short' ? room.why : 'fits';
}

function withDevices(made: Pod, devices: object): Pod {
  return { ...made, metadata: { ...made.metadata, annotations: { [devicesAnnotation]: JSON.stringify(devices) } } };
}

const gpu = (uid: string, count: number): Pod => pod(uid, { requests: { 'berth.dev/gpu': String(count) } });
const share = (uid: string, milli: number): Pod => pod(uid, { requests: { 'berth.dev/gpu-milli': String(milli) } });

test('what is missing is named, with what was asked for and what is free', () => {
  const there = [pod('a', { cpu: '2500m', memory: '5Gi', requests: { 'example.com/card': '1' } })];
  expect(whyNot(there, pod('p', { cpu: '1500m', memory: '3Gi' }))).toBe('fits');
  expect(whyNot(there, pod('p', { cpu: '2' }))).toBe('Insufficient cpu: asks for 2, 1500m of 4 is free');
  expect(whyNot(there, pod('p', { memory: '4Gi' }))).toBe('Insufficient memory: asks for 4Gi, 3Gi of 8Gi is free');
  expect(whyNot(there, pod('p', { requests: { 'example.com/card': '1' } }))).toBe(
    'Insufficient example.com/card: asks for 1, 0 of 1 is free',
  );
  expect(whyNot(there, pod('p', { requests: { 'example.com/other': '1' } }))).toBe(
    'Insufficient example.com/other: asks for 1, 0 of 0 is free',
  );
  expect(whyNot([pod('a'), pod('b'), pod('c')], pod('p'))).toBe('Too many pods: 3 of 3 are there');
});

test('pods that have ended take nothing, pods that are ending still do', () => {
  const large: PodSketch = { cpu: '4' };
  expect(whyNot([{ ...pod('a', large), status: { phase: 'Failed' } }], pod('p'))).toBe('fits');
  expect(whyNot([pod('a', { ...large, terminating: true })], pod('p'))).toContain('Insufficient cpu');
});

test('a host port is given once for each address', () => {
  const there = [pod('a', { hostPorts: [{ hostPort: 80, hostIP: '192.0.2.1' }] })];
  expect(whyNot(there, pod('p', { hostPorts: [{ hostPort: 80 }] }))).toBe('host port 0.0.0.0:80/TCP is taken');
  expect(whyNot(there, pod('p', { hostPorts: [{ hostPort: 80, hostIP: '192.0.2.2' }] }))).toBe('fits');
});

test('a cordoned node takes only pods that tolerate it', () => {
  const cordoned = node('n1', { unschedulable: true });
  expect(whyNot([], pod('p'), cordoned)).toBe('the node is unschedulable');
  expect(whyNot([], pod('p', { spec: { tolerations: [{ operator: 'Exists' }] } }), cordoned)).toBe('fits');
});

test('a node that has not said what it has takes nothing', () => {
  const { status: _, ...silent } = node('n1');
  expect(whyNot([], pod('p'), silent)).toBe('Insufficient cpu: asks for 100m, 0 of 0 is free');
});

test('devices that were given to a pod are given to nobody else', () => {
  const there = [withDevices(gpu('a', 1), { 'berth.dev/gpu': [0] })];
  const wanted = gpu('p', 1);
  expect(whyNot(there, withDevices(wanted, { 'berth.dev/gpu': [1] }))).toBe('fits');
  expect(whyNot(there, withDevices(wanted, { 'berth.dev/gpu': [0] }))).toBe(
    'Insufficient berth.dev/gpu: asks for 1000/1000 of device 0, 0/1000 is free',
  );
  expect(whyNot(there, withDevices(wanted, { 'berth.dev/gpu': [2] }))).toBe(
    'Insufficient berth.dev/gpu: there is no device 2, the node has 2',
  );
  expect(whyNot(there, withDevices(wanted, { 'berth.dev/gpu': [0, 1] }))).toBe(
    'berth.dev/devices names 2 of berth.dev/gpu, the pod asks for 1',
  );
  expect(whyNot(there, gpu('p', 2))).toBe(
    'Insufficient berth.dev/gpu: asks for 2, 1000/1000 of 2 devices together is free',
  );
});

test('a pod that was not told its devices gets those that are free', () => {
  const there = [withDevices(share('a', 600), { 'berth.dev/gpu': [1] })];
  expect(look(roomy, there, share('p', 300))).toEqual({ kind: 'fits', devices: '{"berth.dev/gpu":[1]}' });
  expect(look(roomy, there, share('p', 500))).toEqual({ kind: 'fits', devices: '{"berth.dev/gpu":[0]}' });
  expect(look(roomy, there, gpu('p', 1))).toEqual({ kind: 'fits', devices: '{"berth.dev/gpu":[0]}' });
});

test('pods that nobody told their devices keep enough of them', () => {
  const untold = [gpu('a', 1)];
  expect(whyNot(untold, withDevices(gpu('p', 1), { 'berth.dev/gpu': [0] }))).toBe('fits');
  expect(whyNot(untold, withDevices(gpu('p', 2), { 'berth.dev/gpu': [0, 1] }))).toBe(
    'Insufficient berth.dev/gpu: other pods need what is left',
  );
});

const anyPod = fc.record({
  cpu: fc.constantFrom('', '500m', '1', '2'),
  memory: fc.constantFrom('', '1Gi', '3Gi'),
  port: fc.constantFrom(undefined, 80, 81),
  gpus: fc.constantFrom<Readonly<Record<string, string>>>(
    {},
    { 'berth.dev/gpu': '1' },
    { 'berth.dev/gpu-milli': '400' },
    { 'berth.dev/gpu-milli': '700' },
  ),
});

test('what a session places fits, and what fits is placed, pod after pod', () => {
  const target = node('n1', { memory: '8Gi', pods: '6', extra: { 'berth.dev/gpu': '3' } });
  fc.assert(
    fc.property(fc.array(anyPod, { maxLength: 12 }), (sketches) => {
      const session = createSession();
      const room = new NodeRoom();
      const bound: Pod[] = [];
      session.upsertNode(target);
      for (const [at, { cpu, memory, port, gpus }] of sketches.entries()) {
        const hostPorts = port === undefined ? {} : { hostPorts: [{ hostPort: port }] };
        const wanted = pod(`p${at}`, { cpu, memory, requests: gpus, ...hostPorts });
        const expected = room.look(target, bound, wanted);
        let given: string | undefined;
        let isPlaced = false;
        session.upsertPod(wanted);
        session.schedule(1, {
          placed: (_uid, _node, _score, devices) => {
            isPlaced = true;
            given = devices;
          },
          preempting: () => undefined,
          unschedulable: () => undefined,
        });
        expect(expected.kind).toBe(isPlaced ? 'fits' : 'short');
        if (!isPlaced) {
          session.removePod(`p${at}`);
          continue;
        }
        const told = given === undefined ? wanted : withDevices(wanted, JSON.parse(given));
        expect(room.look(target, bound, told)).toEqual({ kind: 'fits' });
        bound.push(told);
      }
    }),
    { numRuns: 200 },
  );
});
