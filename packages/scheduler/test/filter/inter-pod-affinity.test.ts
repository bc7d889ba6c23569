import { expect, test } from 'vitest';
import { hostKey, node, pod, zoneKey } from '../objects.ts';
import { verdict } from '../verdict.ts';

const term = (app: string, topologyKey: string, more: object = {}): object => ({
  labelSelector: { matchLabels: { app } },
  topologyKey,
  ...more,
});
const near = (...terms: object[]): object => ({
  affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
});
const away = (...terms: object[]): object => ({
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
});
const zones = [node('a1', { zone: 'a' }), node('b1', { zone: 'b' }), node('b2', { zone: 'b' })];
const db = (at: string, more: object = {}) => pod('db', { labels: { app: 'db' }, node: at, ...more });

test('a pod goes into the zone of the pods it wants near', () => {
  const full = pod('full', { cpu: '4', node: 'b1' });
  expect(verdict(zones, [db('b1')], pod('p', { spec: near(term('db', zoneKey)) }))).toBe('b1');
  expect(verdict(zones, [db('b1'), full], pod('p', { spec: near(term('db', zoneKey)) }))).toBe('b2');
});

test('without such pods it waits', () => {
  expect(verdict(zones, [], pod('p', { spec: near(term('db', zoneKey)) }))).toBe(
    "0/3 nodes are available: 3 node(s) didn't match pod affinity rules.",
  );
});

test('the first pod of a group that wants to be near itself goes anywhere', () => {
  const first = pod('p', { labels: { app: 'db' }, spec: near(term('db', zoneKey)) });
  expect(verdict(zones, [], first)).toBe('a1');
});

test('one pod must satisfy all terms', () => {
  const spec = near(term('db', zoneKey), term('db', hostKey, { labelSelector: { matchLabels: { tier: 'x' } } }));
  const half = [db('b1'), pod('other', { labels: { tier: 'x' }, node: 'b1' })];
  expect(verdict(zones, half, pod('p', { spec }))).toContain('0/3 nodes');
  expect(verdict(zones, [db('b1', { labels: { app: 'db', tier: 'x' } })], pod('p', { spec }))).toBe('b1');
});

test('a pod keeps out of the zone of the pods it wants away', () => {
  expect(verdict(zones, [db('b1')], pod('p', { spec: away(term('db', zoneKey)) }))).toBe('a1');
  expect(verdict(zones.slice(1), [db('b1')], pod('p', { spec: away(term('db', zoneKey)) }))).toBe(
    "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.",
  );
});

test('pods already there can keep it out too, until they are gone', () => {
  const lonely = db('b1', { spec: away(term('web', zoneKey)) });
  expect(verdict(zones.slice(1), [lonely], pod('p', { labels: { app: 'web' } }))).toBe(
    "0/2 nodes are available: 2 node(s) didn't satisfy existing pods anti-affinity rules.",
  );
  expect(verdict(zones.slice(1), [lonely], pod('p', { labels: { app: 'api' } }))).toBe('b1');
});

test('terms mean pods of the own namespace unless they name others', () => {
  const spec = (more: object) => away(term('db', hostKey, more));
  const elsewhere = [pod('x', { labels: { app: 'db' }, namespace: 'other', node: 'a1' })];
  expect(verdict(zones, elsewhere, pod('p', { spec: spec({}) }))).toBe('a1');
  expect(verdict(zones, elsewhere, pod('p', { spec: spec({ namespaces: ['other'] }) }))).toBe('b1');
  expect(verdict(zones, elsewhere, pod('p', { spec: spec({ namespaceSelector: {} }) }))).toBe('b1');
  expect(verdict(zones, elsewhere, pod('p', { spec: spec({ namespaceSelector: { matchLabels: { a: 'b' } } }) }))).toBe(
    'a1',
  );
});

test('mismatchLabelKeys means pods whose value differs from the own one', () => {
  const spec = away(term('db', zoneKey, { labelSelector: {}, mismatchLabelKeys: ['tenant'] }));
  const tenant = (name: string, uid: string) => pod(uid, { labels: { tenant: name }, node: 'a1' });
  const mine = pod('p', { labels: { tenant: 'me' }, spec });
  expect(verdict(zones, [tenant('me', 'x')], mine)).toBe('a1');
  expect(verdict(zones, [tenant('you', 'x')], mine)).toBe('b1');
});
