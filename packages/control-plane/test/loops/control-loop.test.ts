import type { AnyObject, Controller } from '@berth/controllers';
import { expect, test } from 'vitest';
import {
  configMap,
  copier,
  creation,
  gated,
  namespace,
  open,
  setValue,
  standing,
  valueIn,
} from './small-controllers.ts';

test('what exists at the start and what changes later is looked at', async () => {
  await using cluster = await open({ controllers: [copier] });
  await cluster.create('configmaps', namespace, configMap('early', '1'));
  cluster.start();
  await cluster.settle();
  await cluster.create('configmaps', namespace, configMap('late', '1'));
  await setValue(cluster, 'early', '2');
  await cluster.settle();
  expect([valueIn(cluster, 'copy-of-early'), valueIn(cluster, 'copy-of-late')]).toEqual(['2', '1']);
});

test('a change during the work on its key is not lost', async () => {
  const gate = gated();
  await using cluster = await open({ controllers: [copier], around: gate.around });
  await cluster.create('configmaps', namespace, configMap('a', '1'));
  cluster.start();
  await cluster.settle();
  expect(gate.arrived).toBe(1);
  await setValue(cluster, 'a', '2');
  gate.open();
  await cluster.settle();
  expect(valueIn(cluster, 'copy-of-a')).toBe('2');
});

test('more keys than are worked on at once all get their turn', async () => {
  const gate = gated();
  const keys = ({ metadata }: AnyObject): readonly string[] =>
    metadata.name.startsWith('copy-of-') ? [] : [metadata.name];
  const once: Controller = { ...copier, watches: [{ resource: 'configmaps', keys }] };
  await using cluster = await open({ controllers: [once], around: gate.around });
  for (let at = 0; at < 40; at += 1) await cluster.create('configmaps', namespace, configMap(`c${at}`, '1'));
  cluster.start();
  await cluster.settle();
  expect(gate.arrived).toBe(8);
  gate.open();
  await cluster.settle();
  for (let at = 0; at < 40; at += 1) expect(valueIn(cluster, `copy-of-c${at}`)).toBe('1');
});

test('while the cache lags, what was just made is not made again', async () => {
  let looks = 0;
  const maker = standing((view) => {
    looks += 1;
    const isMade = view.list('configmaps', namespace).length > 0;
    return { writes: isMade ? [] : [creation({ generateName: 'made-' })], requeueAfterMs: 10 };
  });
  await using cluster = await open({ controllers: [maker] });
  cluster.start();
  cluster.store.hold();
  await cluster.settle();
  expect(looks).toBe(1);
  cluster.store.deliver();
  await cluster.settle();
  expect(looks).toBeGreaterThan(1);
  expect(cluster.cache.list('configmaps', namespace)).toHaveLength(1);
});

test('while the cache lags, what was just deleted is not deleted again', async () => {
  let deletions = 0;
  const sweeper = standing((view) => ({
    writes: view.list('configmaps', namespace).map(({ metadata: { name, uid } }) => {
      return { kind: 'delete', resource: 'configmaps', key: `${namespace}/${name}`, uid };
    }),
    requeueAfterMs: 10,
  }));
  await using cluster = await open({
    controllers: [sweeper],
    around: (registry) => ({
      ...registry,
      async delete(...given) {
        deletions += 1;
        return await registry.delete(...given);
      },
    }),
  });
  await cluster.create('configmaps', namespace, configMap('a', '1'));
  await cluster.settle();
  cluster.start();
  cluster.store.hold();
  await cluster.settle();
  cluster.store.deliver();
  await cluster.settle();
  expect(cluster.cache.list('configmaps', namespace)).toEqual([]);
  expect(deletions).toBe(1);
});

test('the loops begin only when the cache shows what earlier leaders did', async () => {
  const maker = standing((view) => ({
    writes: view.list('configmaps', namespace).length > 0 ? [] : [creation({ generateName: 'made-' })],
  }));
  await using cluster = await open({ controllers: [maker] });
  await cluster.settle();
  cluster.store.hold();
  await cluster.create('configmaps', namespace, configMap('made-by-the-leader-before', '1'));
  cluster.start();
  await cluster.settle();
  cluster.store.deliver();
  await cluster.settle();
  expect(cluster.cache.list('configmaps', namespace)).toHaveLength(1);
});

test('stopping waits for the write under way; after it nothing is written and no timer is left', async () => {
  const gate = gated();
  await using cluster = await open({ controllers: [copier], around: gate.around });
  await cluster.settle();
  const timersBefore = cluster.world.waiting;
  await cluster.create('configmaps', namespace, configMap('a', '1'));
  cluster.start();
  await cluster.settle();
  let isStopped = false;
  const stopping = cluster.stop().then(() => {
    isStopped = true;
  });
  await cluster.world.quiet();
  expect(isStopped).toBe(false);
  gate.open();
  await stopping;
  await setValue(cluster, 'a', '2');
  await cluster.settle();
  expect(valueIn(cluster, 'copy-of-a')).toBe('1');
  expect(cluster.world.waiting).toBe(timersBefore);
});

test('a controller that fails is tried again and does not disturb the others', async () => {
  let failures = 2;
  const faulty = standing(() => {
    if (failures-- > 0) throw new TypeError('a fault of ours');
    return { writes: [] };
  });
  await using cluster = await open({ controllers: [faulty, copier] });
  await cluster.create('configmaps', namespace, configMap('a', '1'));
  cluster.start();
  await cluster.settle();
  expect(failures).toBeLessThan(0);
  expect(valueIn(cluster, 'copy-of-a')).toBe('1');
});

test('a key is looked at again when its plan asks for it', async () => {
  let looks = 0;
  const patient = standing(() => {
    looks += 1;
    return { writes: [], requeueAfterMs: 10_000 };
  });
  await using cluster = await open({ controllers: [patient] });
  cluster.start();
  await cluster.settle();
  expect(looks).toBe(1);
  await cluster.world.pass(25_000);
  expect(looks).toBe(3);
});

test('a key that takes long to decide on rests ten times as long, and changes meanwhile share one look', async () => {
  const looks: number[] = [];
  const clock = { now: (): number => 0, spend: (_ms: number): void => undefined };
  const slow = standing(() => {
    looks.push(clock.now());
    clock.spend(20);
    return { writes: [] };
  });
  await using cluster = await open({ controllers: [slow] });
  await cluster.settle();
  const startMs = cluster.world.clock.monotonicMs();
  clock.now = () => cluster.world.clock.monotonicMs() - startMs;
  clock.spend = (ms) => cluster.world.spend(ms);
  cluster.start();
  await cluster.world.quiet();
  for (let at = 0; at < 5; at += 1) {
    await cluster.create('configmaps', namespace, configMap(`c${at}`, '1'));
    await cluster.world.pass(30);
  }
  await cluster.world.pass(1_000);
  expect(looks).toEqual([0, 220]);
});
