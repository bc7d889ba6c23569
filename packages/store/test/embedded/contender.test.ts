import { join } from 'node:path';
import { realWorld } from '@berth/world';
import { afterAll, expect, test } from 'vitest';
import { StateDatabase } from '../../src/state/state-database.ts';
import { EmbeddedCluster, leadershipOf } from '../embedded-cluster.ts';

const cluster = await EmbeddedCluster.start(1);
afterAll(() => cluster[Symbol.asyncDispose]());

test('a server that holds the log waits for another that was started at the same moment to let go of the state', {
  timeout: 30_000,
}, async () => {
  await cluster.stop(0);
  const contender = await StateDatabase.open(join(cluster.optionsOf(0).dataDirectory, 'state-1'));
  let waits = 0;
  const sleep = async (delayMs: number): Promise<void> => {
    waits += 1;
    await contender.close();
    await realWorld.timers.sleep(delayMs);
  };
  const { after, every } = realWorld.timers;
  const store = await cluster.restart(0, { world: { ...realWorld, timers: { after, every, sleep } } });
  await leadershipOf(store, 'leader');
  expect(waits).toBeGreaterThan(0);
});
