import { expect, test } from 'vitest';
import type { ContainerRecord } from '../src/engine/container-record.ts';
import { FakeEngine } from '../src/engine/fake-engine.ts';
import { silentLog } from '../src/logging/log.ts';
import { ContainerTable } from '../src/pod/container-table.ts';
import { aPod, FakeNode } from './support/fake-node.ts';
import { FakeWorld } from './support/fake-world.ts';

/** An engine whose next listing is answered when the test says so, with what was true when it was asked. */
class SlowListing extends FakeEngine {
  held: PromiseWithResolvers<void> | undefined;

  override async list(labels: Readonly<Record<string, string>>): Promise<readonly ContainerRecord[]> {
    const answer = await super.list(labels);
    await this.held?.promise;
    return answer;
  }
}

const scope = { clusterId: 'c', nodeName: 'n' };
const labels = {
  'berth.dev/cluster': 'c',
  'berth.dev/node': 'n',
  'berth.dev/uid': 'u',
  'berth.dev/attempt': '0',
  'berth.dev/role': 'container',
  'berth.dev/container': 'web',
};

async function openTable() {
  const world = new FakeWorld();
  const engine = new SlowListing({ world, images: { web: {} } });
  const health: boolean[] = [];
  const table = await ContainerTable.open({
    engine,
    world,
    scope,
    log: silentLog,
    onChange: () => undefined,
    onHealth: (healthy) => health.push(healthy),
  });
  const spec = (await import('./support/fake-node.ts')).bareSpec('web', 'web', labels);
  const id = await engine.create(spec);
  await engine.start(id);
  await world.advance(0);
  return { world, engine, table, id, health };
}

test('events bring in what changes, a listing what no event told', async () => {
  const { table, id, engine, world } = await openTable();
  await using _table = table;
  expect(table.ofPod('u').map(({ state }) => state.kind)).toEqual(['running']);
  engine.end(id, 1);
  await world.advance(0);
  expect(table.get(id)?.state).toMatchObject({ kind: 'exited', exitCode: 1 });
});

test('an answer that was overtaken by a newer one is dropped', async () => {
  const { table, id, engine, world } = await openTable();
  await using _table = table;
  engine.held = Promise.withResolvers();
  // The minutely listing asks while the container runs, and is answered after it has ended.
  await world.advance(60_000);
  engine.end(id, 1);
  await world.advance(0);
  engine.held.resolve();
  await world.advance(0);
  expect(table.get(id)?.state.kind).toBe('exited');
});

test('what we removed ourselves does not come back with a late listing', async () => {
  const { table, id, engine, world } = await openTable();
  await using _table = table;
  engine.held = Promise.withResolvers();
  await world.advance(60_000);
  await engine.remove(id);
  table.forget(id);
  engine.held.resolve();
  await world.advance(0);
  expect(table.ofPod('u')).toEqual([]);
});

test('a container that somebody removed is remembered until a newer attempt takes its place', async () => {
  await using node = new FakeNode();
  const pod = await node.run(aPod({ restartPolicy: 'Never' }));
  node.engine.vanish(node.idOf(pod, 'web'));
  await node.world.advance(60_000);
  expect(node.status('web-1').phase).toBe('Failed');
  expect(node.engine.calls.filter((call) => call.startsWith('create web'))).toHaveLength(1);
});
