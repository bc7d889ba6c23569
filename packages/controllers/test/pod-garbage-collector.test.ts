import { formatTime } from '@berth/api';
import { beforeEach, expect, test } from 'vitest';
import { podGarbageCollector } from '../src/pod-garbage-collector.ts';
import { FakeCluster } from './fake-cluster.ts';
import { namesOf, node, pod, settings } from './fixtures.ts';
import { Loops, runTwice } from './loops.ts';

const controller = podGarbageCollector({ ...settings, terminatedPodsMax: 2 });
let cluster: FakeCluster;
let loops: Loops;

beforeEach(() => {
  cluster = new FakeCluster();
  loops = new Loops(cluster, [controller]);
  cluster.create('nodes', node('n1'));
});

test('pods of a node that was deleted are removed at once', () => {
  cluster.create('pods', pod('here', { spec: { nodeName: 'n1' } }));
  cluster.create(
    'pods',
    pod('going', { spec: { nodeName: 'n1' }, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
  );
  loops.settle();
  expect(cluster.all('pods')).toHaveLength(2);
  cluster.delete('nodes', 'n1');
  loops.settle();
  expect(cluster.all('pods')).toEqual([]);
});

test('a pod bound to a node that does not exist is removed', () => {
  cluster.create('pods', pod('stray', { spec: { nodeName: 'n9' } }));
  loops.settle();
  expect(cluster.all('pods')).toEqual([]);
});

test('a pod that never had a node and is being deleted is removed; one that waits for a node is not', () => {
  cluster.create('pods', pod('pending'));
  cluster.create('pods', pod('cancelled', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }));
  loops.settle();
  expect(namesOf(cluster.all('pods'))).toEqual(['pending']);
});

test('a pod whose node stays away is removed after ten minutes', () => {
  const lost = {
    type: 'berth.dev/Disconnected',
    status: 'True',
    reason: 'NodeLost',
    lastTransitionTime: formatTime(cluster.now.wallMs),
  };
  cluster.create('pods', pod('lost', { spec: { nodeName: 'n1' }, status: { phase: 'Running', conditions: [lost] } }));
  expect(runTwice(cluster, controller, 'default/lost').requeueAfterMs).toBe(600_000);
  cluster.advance(600_000);
  runTwice(cluster, controller, 'default/lost');
  expect(cluster.all('pods')).toEqual([]);
});

test('a finalizer holds a removed pod without the loop asking again', () => {
  cluster.create('pods', pod('held', { spec: { nodeName: 'n9' }, metadata: { finalizers: ['example.com/hold'] } }));
  runTwice(cluster, controller, 'default/held');
  expect(cluster.at('pods', 'default/held').metadata).toMatchObject({ deletionGracePeriodSeconds: 0 });
});

test('of the finished pods only the youngest are kept', () => {
  for (const [at, name] of ['c', 'a', 'd', 'b'].entries()) {
    const creationTimestamp = `2023-11-14T22:00:0${at}Z`;
    cluster.create(
      'pods',
      pod(name, { spec: { nodeName: 'n1' }, metadata: { creationTimestamp }, status: { phase: 'Succeeded' } }),
    );
  }
  cluster.create('pods', pod('running', { spec: { nodeName: 'n1' }, status: { phase: 'Running' } }));
  loops.settle();
  expect(namesOf(cluster.all('pods'))).toEqual(['b', 'd', 'running']);
});
