import { expect, test } from 'vitest';
import { node, pod, zoneKey } from '../objects.ts';
import { verdict } from '../verdict.ts';

const ssd = node('ssd', { labels: { disk: 'ssd' } });
const plain = node('plain', { labels: { cheap: 'yes' } });
const prefer = (key: string, weight: number): object => ({
  weight,
  preference: { matchExpressions: [{ key, operator: 'Exists' }] },
});
const preferring = (...terms: object[]): object => ({
  affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: terms } },
});

test('node preferences are weighed against each other', () => {
  expect(verdict([plain, ssd], [], pod('p', { spec: preferring(prefer('disk', 1)) }))).toBe('ssd');
  expect(verdict([plain, ssd], [], pod('p', { spec: preferring(prefer('disk', 1), prefer('cheap', 2)) }))).toBe(
    'plain',
  );
});

test('a preference does not keep a pod pending', () => {
  expect(verdict([plain], [], pod('p', { spec: preferring(prefer('disk', 100)) }))).toBe('plain');
});

test('PreferNoSchedule taints are avoided unless tolerated', () => {
  const taints = [{ key: 'soon-gone', effect: 'PreferNoSchedule' }];
  const nodes = [node('n1', { taints }), node('n2')];
  const tolerations = [{ key: 'soon-gone', operator: 'Exists' }];
  expect(verdict(nodes, [], pod('p'))).toBe('n2');
  expect(verdict(nodes, [], pod('p', { spec: { tolerations } }))).toBe('n1');
});

const zones = [node('a1', { zone: 'a' }), node('b1', { zone: 'b' }), node('b2', { zone: 'b' })];
const wish = (kind: string, weight: number): object => ({
  affinity: {
    [kind]: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight, podAffinityTerm: { labelSelector: { matchLabels: { app: 'db' } }, topologyKey: zoneKey } },
      ],
    },
  },
});
const db = pod('db', { labels: { app: 'db' }, node: 'b1' });

test('preferred affinity draws, preferred anti-affinity repels, neither forbids', () => {
  const busy = pod('busy', { cpu: '2', node: 'a1' });
  expect(verdict(zones, [db, busy], pod('p', { spec: wish('podAffinity', 100) }))).toBe('b1');
  expect(verdict(zones, [db], pod('p', { spec: wish('podAntiAffinity', 100) }))).toBe('a1');
  expect(verdict(zones.slice(1), [db], pod('p', { spec: wish('podAntiAffinity', 100) }))).toBe('b1');
});

test('wishes of pods already placed count as well', () => {
  const shy = pod('shy', { node: 'b1', spec: wish('podAntiAffinity', 100) });
  expect(verdict(zones, [shy], pod('p', { labels: { app: 'db' } }))).toBe('a1');
  expect(verdict(zones, [shy], pod('p', { labels: { app: 'web' } }))).toBe('b1');
});
