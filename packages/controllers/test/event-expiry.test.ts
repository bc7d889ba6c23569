import { formatTime } from '@berth/api';
import { expect, test } from 'vitest';
import { eventExpiryController } from '../src/event-expiry.ts';
import { FakeCluster } from './fake-cluster.ts';
import { namesOf, settings } from './fixtures.ts';
import { runTwice } from './loops.ts';

const controller = eventExpiryController(settings);
const key = controller.standingKeys?.[0] ?? '';

function event(cluster: FakeCluster, name: string, ageMs: number): void {
  cluster.create('events', {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: 'default', creationTimestamp: '2020-01-01T00:00:00Z' },
    lastTimestamp: formatTime(cluster.now.wallMs - ageMs),
  });
}

test('events go an hour after they last happened, and the loop looks again when the next is due', () => {
  const cluster = new FakeCluster();
  event(cluster, 'old', 3_600_000);
  event(cluster, 'young', 3_590_000);
  const plan = runTwice(cluster, controller, key);
  expect(namesOf(cluster.all('events'))).toEqual(['young']);
  expect(plan.requeueAfterMs).toBe(10_000);
  cluster.advance(10_000);
  runTwice(cluster, controller, key);
  expect(cluster.all('events')).toEqual([]);
});

test('a flood of expired events is deleted in bounded steps', () => {
  const cluster = new FakeCluster();
  for (let at = 0; at < 250; at += 1) event(cluster, `e${at}`, 4_000_000);
  const steps: number[] = [];
  for (let plan = controller.reconcile(cluster, key, cluster.now); plan.writes.length > 0; ) {
    steps.push(plan.writes.length);
    cluster.apply(plan);
    plan = controller.reconcile(cluster, key, cluster.now);
  }
  expect(steps).toEqual([100, 100, 50]);
});
