import { expect, test } from 'vitest';
import { node, pod } from '../objects.ts';
import { verdict } from '../verdict.ts';

test.each([
  { asks: { cpu: '4' }, says: 'n1' },
  { asks: { cpu: '4001m' }, says: '0/1 nodes are available: 1 Insufficient cpu.' },
  { asks: { memory: '17Gi' }, says: '0/1 nodes are available: 1 Insufficient memory.' },
  { asks: { cpu: '5', memory: '17Gi' }, says: '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.' },
  {
    asks: { requests: { 'ephemeral-storage': '1Gi' } },
    says: '0/1 nodes are available: 1 Insufficient ephemeral-storage.',
  },
  { asks: { requests: { 'example.com/gpu': '2' } }, says: 'n1' },
  { asks: { requests: { 'example.com/gpu': '3' } }, says: '0/1 nodes are available: 1 Insufficient example.com/gpu.' },
  {
    asks: { requests: { 'example.com/other': '1' } },
    says: '0/1 nodes are available: 1 Insufficient example.com/other.',
  },
])('a pod that asks for $asks on an empty node of 4 cores, 16 GiB and 2 GPUs: $says', ({ asks, says }) => {
  expect(verdict([node('n1', { extra: { 'example.com/gpu': '2' } })], [], pod('p', asks))).toBe(says);
});

test('what pods on the node ask for is taken, also beyond its capacity', () => {
  const there = [pod('a', { cpu: '3', node: 'n1' }), pod('b', { cpu: '3', node: 'n1' })];
  expect(verdict([node('n1')], there, pod('p', { cpu: '1' }))).toBe('0/1 nodes are available: 1 Insufficient cpu.');
  expect(verdict([node('n1')], there, pod('p', { cpu: '' }))).toBe('n1');
});

test('a node takes so many pods and no more, whatever they ask for', () => {
  const full = [pod('a', { node: 'n1' }), pod('b', { node: 'n1' })];
  expect(verdict([node('n1', { pods: '2' })], full, pod('p', { cpu: '' }))).toBe(
    '0/1 nodes are available: 1 Too many pods.',
  );
});

test('pods that are done take nothing, pods being deleted take all they had', () => {
  const done = { ...pod('a', { cpu: '4', node: 'n1' }), status: { phase: 'Succeeded' } };
  const going = pod('a', { cpu: '4', node: 'n1', terminating: true });
  expect(verdict([node('n1')], [done], pod('p'))).toBe('n1');
  expect(verdict([node('n1')], [going], pod('p'))).toBe('0/1 nodes are available: 1 Insufficient cpu.');
});

test('init containers count with the sidecars before them, overhead and pod-level requests count too', () => {
  const request = (cpu: string, restartPolicy?: string) => ({
    name: 'c',
    resources: { requests: { cpu } },
    ...(restartPolicy === undefined ? {} : { restartPolicy }),
  });
  const fits = (spec: object): boolean => verdict([node('n1')], [], pod('p', { spec })) === 'n1';
  expect(fits({ initContainers: [request('4')], containers: [request('1')] })).toBe(true);
  expect(fits({ initContainers: [request('1', 'Always'), request('3500m')], containers: [request('1')] })).toBe(false);
  expect(fits({ initContainers: [request('2', 'Always')], containers: [request('2')] })).toBe(true);
  expect(fits({ initContainers: [request('2', 'Always')], containers: [request('2500m')] })).toBe(false);
  expect(fits({ containers: [request('4')], overhead: { cpu: '1m' } })).toBe(false);
  expect(fits({ containers: [request('5')], resources: { requests: { cpu: '1' } } })).toBe(true);
});
