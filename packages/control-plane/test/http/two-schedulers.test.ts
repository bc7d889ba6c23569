import type { Pod, Stored } from '@berth/api';
import { realWorld } from '@berth/world';
import { expect, test } from 'vitest';
import { connect, schedule } from '../../../../examples/custom-scheduler/scheduler.ts';
import { standardSchedulers } from '../../src/scheduling/placement-engine.ts';
import { startScheduling } from '../../src/scheduling/scheduling-loop.ts';
import { addNode, admin, pod } from '../registry/engine-fixture.ts';
import type { ServerFixture } from './server-fixture.ts';
import { openTlsServer } from './tls-server.ts';

const rounds = 6;
const nodes = ['n1', 'n2', 'n3'];

async function addPods(server: ServerFixture, round: number, schedulerName: string, count: number): Promise<void> {
  const containers = [{ name: 'c', image: 'web:1', resources: { requests: { cpu: '300m' } } }];
  for (let at = 0; at < count; at += 1) {
    const made = pod(`${schedulerName}-${round}-${at}`, { schedulerName, containers });
    await server.registry.create('pods', 'default', made, admin);
  }
}

function podsOn(server: ServerFixture, nodeName: string): readonly Stored<Pod>[] {
  return server.cache.podsOn<Stored<Pod>>(nodeName);
}

test('the scheduler and one from outside fill the same nodes at the same moment, round after round, and oversell none', async () => {
  await using fixture = await openTlsServer();
  const { server } = fixture;
  for (const name of nodes) await addNode(server.registry, name, { cpu: '2' });
  const { registry, cache, metrics, store } = server;
  const { leadership } = store.status();
  if (leadership.kind !== 'leader') throw new Error('a memory store leads itself');
  await using _scheduling = startScheduling({
    registry,
    cache,
    fence: leadership.fence,
    world: realWorld,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    metrics,
    recordEvent: () => undefined,
    engine: 'in-process',
    schedulers: standardSchedulers,
  });
  const call = connect(fixture.kubeconfig);
  const winners = new Set<string>();
  for (let round = 0; round < rounds; round += 1) {
    // Six pods of 300m fit on each of three nodes: eighteen for twenty-four.
    await Promise.all([addPods(server, round, 'default-scheduler', 12), addPods(server, round, 'most-room', 12)]);
    let bound = 0;
    while (bound < 18) {
      await schedule(call, 'most-room');
      const counts = nodes.map((name) => podsOn(server, name).length);
      for (const count of counts) expect(count).toBeLessThanOrEqual(6);
      bound = counts.reduce((sum, count) => sum + count, 0);
    }
    for (const name of nodes) for (const { spec } of podsOn(server, name)) winners.add(spec.schedulerName ?? '');
    for (const { metadata } of cache.list('pods'))
      await registry.delete(
        { resource: 'pods', namespace: 'default', name: metadata.name },
        { gracePeriodSeconds: 0 },
        admin,
      );
  }
  expect([...winners].sort()).toEqual(['default-scheduler', 'most-room']);
}, 30_000);
