import { expect, test } from 'vitest';
import { hostKey, node, pod, zoneKey } from '../objects.ts';
import { verdict } from '../verdict.ts';

const app = { labels: { app: 'web' } };
const spread = (more: object = {}): object => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: zoneKey,
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { app: 'web' } },
      ...more,
    },
  ],
});
const zones = [node('a1', { zone: 'a' }), node('a2', { zone: 'a' }), node('b1', { zone: 'b' })];
const on = (name: string, uid: string, more: object = {}) => pod(uid, { ...app, node: name, ...more });
const web = (spec: object) => pod('p', { ...app, spec });

test('a zone may not get further ahead than maxSkew', () => {
  const inA = [on('a1', 'x')];
  expect(verdict(zones, inA, web(spread()))).toBe('b1');
  expect(verdict(zones, inA, web(spread({ maxSkew: 2 })))).toBe('a1');
});

test('when the zone behind is full, the pod waits and the sentence says so', () => {
  const full = pod('full', { cpu: '4', node: 'b1' });
  expect(verdict(zones, [on('a1', 'x'), full], web(spread()))).toBe(
    "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't match pod topology spread constraints.",
  );
});

test('pods being deleted, of other namespaces or other labels are not counted', () => {
  const others = [
    on('a1', 'x', { terminating: true }),
    on('a1', 'y', { namespace: 'other' }),
    on('a1', 'z', { labels: { app: 'db' } }),
  ];
  expect(verdict(zones, others, web(spread()))).toBe('a1');
});

test('a node without the label is refused', () => {
  expect(verdict([node('n1')], [], web(spread()))).toBe(
    "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label).",
  );
});

test('with fewer domains than minDomains the fewest pods are taken to be none', () => {
  const even = [on('a1', 'x'), on('b1', 'y')];
  expect(verdict(zones, even, web(spread()))).toBe('a1');
  expect(verdict(zones, even, web(spread({ minDomains: 3 })))).toBe(
    "0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints.",
  );
});

test('zones that the pod cannot use count only when nodeAffinityPolicy says Ignore', () => {
  const inA = [on('a1', 'x')];
  const onlyA = { nodeSelector: { [zoneKey]: 'a' } };
  expect(verdict(zones, inA, web({ ...onlyA, ...spread() }))).toBe('a1');
  expect(verdict(zones, inA, web({ ...onlyA, ...spread({ nodeAffinityPolicy: 'Ignore' }) }))).toContain(
    '2 node(s) didn',
  );
});

test('tainted zones count unless nodeTaintsPolicy says Honor', () => {
  const taints = [{ key: 'down', effect: 'NoSchedule' }];
  const partly = [node('a1', { zone: 'a' }), node('b1', { zone: 'b', taints })];
  const inA = [on('a1', 'x')];
  expect(verdict(partly, inA, web(spread()))).toContain('0/2 nodes are available');
  expect(verdict(partly, inA, web(spread({ nodeTaintsPolicy: 'Honor' })))).toBe('a1');
});

test('matchLabelKeys counts only pods with the same value', () => {
  const old = on('a1', 'x', { labels: { app: 'web', rev: '1' } });
  const next = pod('p', { labels: { app: 'web', rev: '2' }, spec: spread({ matchLabelKeys: ['rev'] }) });
  expect(verdict(zones, [old], next)).toBe('a1');
});

test('spread over hosts works the same', () => {
  const hosts = [node('n1'), node('n2')];
  expect(verdict(hosts, [on('n1', 'x')], web(spread({ topologyKey: hostKey })))).toBe('n2');
});
