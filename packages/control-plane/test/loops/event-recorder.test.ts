import { ApiError, type Event, type Stored } from '@berth/api';
import { expect, test } from 'vitest';
import type { EventReport } from '../../src/loops/event-recorder.ts';
import { LoopCluster } from './loop-cluster.ts';

function report(more: Partial<EventReport> = {}): EventReport {
  return {
    about: { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'web-1', uid: 'u1' },
    type: 'Warning',
    reason: 'Unhealthy',
    message: 'Readiness probe failed',
    component: 'berth-agent',
    host: 'n1',
    ...more,
  };
}

async function clusterWithDefault(): Promise<LoopCluster> {
  const cluster = new LoopCluster();
  await cluster.create('namespaces', undefined, { metadata: { name: 'default' } });
  return cluster;
}

async function eventsOf(cluster: LoopCluster): Promise<readonly Stored<Event>[]> {
  await cluster.events.flush();
  await cluster.world.quiet();
  return cluster.cache.list<Stored<Event>>('events', 'default');
}

test('an event tells who says what about which object', async () => {
  await using cluster = await clusterWithDefault();
  cluster.events.record(report());
  expect(await eventsOf(cluster)).toMatchObject([
    {
      metadata: { name: expect.stringMatching(/^web-1\.[0-9a-f]{16}$/), namespace: 'default' },
      involvedObject: { kind: 'Pod', name: 'web-1', uid: 'u1' },
      type: 'Warning',
      reason: 'Unhealthy',
      message: 'Readiness probe failed',
      source: { component: 'berth-agent', host: 'n1' },
      reportingComponent: 'berth-agent',
      reportingInstance: 'n1',
      count: 1,
      firstTimestamp: '2026-05-02T10:00:00Z',
      lastTimestamp: '2026-05-02T10:00:00Z',
    },
  ]);
});

test('what happens again raises the count and the last time', async () => {
  await using cluster = await clusterWithDefault();
  cluster.events.record(report());
  await eventsOf(cluster);
  await cluster.world.pass(5_000);
  cluster.events.record(report());
  cluster.events.record(report());
  expect(await eventsOf(cluster)).toMatchObject([
    { count: 3, firstTimestamp: '2026-05-02T10:00:00Z', lastTimestamp: '2026-05-02T10:00:05Z' },
  ]);
});

test('an event that has expired meanwhile is written anew', async () => {
  await using cluster = await clusterWithDefault();
  cluster.events.record(report());
  const [first] = await eventsOf(cluster);
  const context = { requester: { user: 'test', groups: [] }, cause: 'test' };
  await cluster.registry.delete(
    { resource: 'events', namespace: 'default', name: first?.metadata.name ?? '' },
    {},
    context,
  );
  cluster.events.record(report());
  expect(await eventsOf(cluster)).toMatchObject([{ count: 1 }]);
});

test('events about objects without a namespace are in the namespace default', async () => {
  await using cluster = await clusterWithDefault();
  cluster.events.record(report({ about: { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'u2' } }));
  expect(await eventsOf(cluster)).toMatchObject([{ involvedObject: { kind: 'Node', name: 'n1' } }]);
});

test('more than ten different messages for one reason become one event that counts', async () => {
  await using cluster = await clusterWithDefault();
  for (let at = 1; at <= 20; at += 1) cluster.events.record(report({ message: `try ${at}` }));
  const events = await eventsOf(cluster);
  expect(events).toHaveLength(11);
  expect(events.filter(({ message }) => message?.startsWith('(combined from similar events): '))).toMatchObject([
    { count: 10 },
  ]);
});

test('whoever reports too much about one object is cut off, and heard again later', async () => {
  await using cluster = await clusterWithDefault();
  for (let at = 0; at < 100; at += 1) cluster.events.record(report());
  expect(await eventsOf(cluster)).toMatchObject([{ count: 25 }]);
  cluster.events.record(report({ about: { ...report().about, name: 'web-2', uid: 'u9' } }));
  expect(await eventsOf(cluster)).toHaveLength(2);
  await cluster.world.pass(300_000);
  cluster.events.record(report());
  expect(await eventsOf(cluster)).toContainEqual(expect.objectContaining({ count: 26 }));
  expect((await cluster.metrics.eventsDropped.get()).values).toMatchObject([{ value: 75, labels: { cause: 'spam' } }]);
});

test('a refused event is dropped, one that the store cannot take now is tried again', async () => {
  await using cluster = await clusterWithDefault();
  cluster.memory.elect({ leaderless: 'no quorum' });
  cluster.events.record(report());
  await cluster.world.quiet();
  cluster.memory.elect('lead');
  await cluster.world.pass(250);
  expect(await eventsOf(cluster)).toHaveLength(1);

  cluster.events.record(report({ about: { kind: 'Pod', namespace: 'nowhere', name: 'x', uid: 'x' } }));
  await cluster.world.pass(2_000);
  expect(await eventsOf(cluster)).toHaveLength(1);
  expect((await cluster.metrics.eventsDropped.get()).values).toMatchObject([{ labels: { cause: 'failed' } }]);
});

test('recording never throws, not even after the end', async () => {
  const cluster = await clusterWithDefault();
  await cluster[Symbol.asyncDispose]();
  expect(() => cluster.events.record(report())).not.toThrow(ApiError);
});
