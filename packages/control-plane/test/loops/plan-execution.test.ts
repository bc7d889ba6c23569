import { ApiError } from '@berth/api';
import { StoreError } from '@berth/store';
import { expect, test } from 'vitest';
import { admin } from './loop-cluster.ts';
import {
  type ConfigMap,
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

test('a conflict ends the plan, and the key is looked at again', async () => {
  let conflicts = 2;
  await using cluster = await open({
    controllers: [copier],
    around: (registry) => ({
      ...registry,
      async update(...given) {
        if (conflicts-- > 0) throw new ApiError('Conflict', 'somebody was faster');
        return await registry.update(...given);
      },
    }),
  });
  await cluster.create('configmaps', namespace, configMap('a', '1'));
  cluster.start();
  await cluster.settle();
  await setValue(cluster, 'a', '2');
  await cluster.settle();
  expect(valueIn(cluster, 'copy-of-a')).toBe('2');
});

test('a plan decided on an old version loses against the user, and is made anew', async () => {
  const gate = gated();
  await using cluster = await open({ controllers: [copier], around: gate.around });
  await cluster.create('configmaps', namespace, configMap('a', '1'));
  await cluster.create('configmaps', namespace, configMap('copy-of-a', '0'));
  cluster.start();
  await cluster.settle();
  await setValue(cluster, 'copy-of-a', 'by a user');
  gate.open();
  await cluster.settle();
  expect(valueIn(cluster, 'copy-of-a')).toBe('1');
});

test('a refusal is written down, and the plan tried again with growing delays', async () => {
  const looks: number[] = [];
  const clock = { now: (): number => 0 };
  const refused = standing(
    () => {
      looks.push(clock.now());
      return { writes: [creation({ name: 'Not A Name' })] };
    },
    (view, _key, _now, { reason, message }) => {
      const name = 'note';
      return view.get('configmaps', `${namespace}/${name}`) === undefined
        ? { writes: [{ kind: 'create', resource: 'configmaps', object: configMap(name, `${reason}: ${message}`) }] }
        : { writes: [] };
    },
  );
  await using cluster = await open({ controllers: [{ ...refused, watches: [] }] });
  clock.now = () => cluster.world.clock.monotonicMs();
  cluster.start();
  await cluster.world.pass(100);
  expect(valueIn(cluster, 'note')).toMatch(/^Invalid: .*metadata\.name/);
  expect(looks).toEqual([0, 5, 15, 35, 75]);
});

test('when the outcome of a write is unknown, the loop first learns what became of it', async () => {
  let failures = 1;
  const maker = standing((view) => ({
    writes: view.list('configmaps', namespace).length > 0 ? [] : [creation({ generateName: 'made-' })],
  }));
  await using cluster = await open({
    controllers: [maker],
    around: (registry) => ({
      ...registry,
      async create(...given) {
        const made = await registry.create(...given);
        if (failures-- > 0) throw new ApiError('Timeout', 'no answer in time; the write may still be applied');
        return made;
      },
    }),
  });
  cluster.start();
  cluster.store.hold();
  await cluster.settle();
  cluster.store.deliver();
  await cluster.settle();
  expect(cluster.cache.list('configmaps', namespace)).toHaveLength(1);
});

test('while the store takes no writes the loops wait, and within a second after that they go on', async () => {
  let isAway = true;
  await using cluster = await open({
    controllers: [copier],
    around: (registry) => ({
      ...registry,
      async create(...given) {
        if (isAway) throw new ApiError('ServiceUnavailable', 'no quorum: two of three servers are away');
        return await registry.create(...given);
      },
    }),
  });
  await cluster.create('configmaps', namespace, configMap('a', '1'));
  cluster.start();
  await cluster.world.pass(5_000);
  expect(valueIn(cluster, 'copy-of-a')).toBeUndefined();
  isAway = false;
  await cluster.world.pass(1_000);
  expect(valueIn(cluster, 'copy-of-a')).toBe('1');
});

test('the first write that another leader refuses ends every loop', async () => {
  let writes = 0;
  await using cluster = await open({
    controllers: [copier],
    around: (registry) => ({
      ...registry,
      create() {
        writes += 1;
        const cause = new StoreError('fenced', 'decided in reign 1, but now is reign 2');
        return Promise.reject(new ApiError('Conflict', `${cause.message}; nothing was applied`, undefined, { cause }));
      },
    }),
  });
  await cluster.create('configmaps', namespace, configMap('a', '1'));
  cluster.start();
  await cluster.world.pass(60_000);
  expect(writes).toBe(1);
  await cluster.create('configmaps', namespace, configMap('b', '1'));
  await cluster.world.pass(60_000);
  expect(writes).toBe(1);
});

test('the loops of a reign that is over write nothing, and those of the next carry on', async () => {
  const gate = gated();
  await using cluster = await open({ controllers: [copier], around: gate.around });
  await cluster.create('configmaps', namespace, configMap('a', '1'));
  cluster.start();
  await cluster.settle();
  cluster.memory.elect({ leaderless: 'an election' });
  cluster.memory.elect('lead');
  gate.open();
  await cluster.settle();
  expect(valueIn(cluster, 'copy-of-a')).toBe('1');
  expect(gate.arrived).toBe(2);
});

test('what cannot be made in a namespace that is going is not tried again', async () => {
  let looks = 0;
  const maker = standing(() => {
    looks += 1;
    return { writes: [creation({ name: 'made' })] };
  });
  await using cluster = await open({ controllers: [{ ...maker, watches: [] }] });
  await cluster.registry.delete({ resource: 'namespaces', name: namespace }, {}, admin);
  cluster.start();
  await cluster.world.pass(60_000);
  expect(looks).toBe(1);
});

test('of many creations that are refused only the first is tried', async () => {
  let tries = 0;
  const maker = standing(() => ({ writes: Array.from({ length: 100 }, () => creation({ generateName: 'x-' })) }));
  await using cluster = await open({
    controllers: [{ ...maker, watches: [] }],
    around: (registry) => ({
      ...registry,
      create() {
        tries += 1;
        return Promise.reject(new ApiError('Forbidden', 'exceeded quota'));
      },
    }),
  });
  cluster.start();
  await cluster.world.quiet();
  expect(tries).toBe(1);
});

test('creations of one plan go 1, 2, 4 … at a time', async () => {
  const atOnce: number[] = [];
  let underWay = 0;
  const maker = standing(() => ({ writes: Array.from({ length: 12 }, () => creation({ generateName: 'x-' })) }));
  await using cluster = await open({
    controllers: [{ ...maker, watches: [] }],
    around: (registry, world) => ({
      ...registry,
      async create(...given) {
        underWay += 1;
        await world.timers.sleep(1);
        if (underWay > 0) atOnce.push(underWay);
        underWay = 0;
        return await registry.create(...given);
      },
    }),
  });
  cluster.start();
  await cluster.settle();
  expect(atOnce).toEqual([1, 2, 4, 5]);
});

test('two writes of one plan to one object build on each other, and their events follow the writes', async () => {
  const twice = standing((view) => {
    const object = view.get<ConfigMap>('configmaps', `${namespace}/a`);
    if (object?.data?.['value'] !== '1') return { writes: [] };
    const event = { about: object, type: 'Normal', reason: 'Changed', message: 'changed twice' } as const;
    const change = (value: string): ConfigMap => ({ ...object, data: { value } });
    return {
      writes: [
        { kind: 'update', resource: 'configmaps', object: change('2') },
        { kind: 'update', resource: 'configmaps', object: change('3'), event },
      ],
    };
  });
  await using cluster = await open({ controllers: [twice] });
  await cluster.create('configmaps', namespace, configMap('a', '1'));
  cluster.start();
  await cluster.settle();
  expect(valueIn(cluster, 'a')).toBe('3');
  expect(cluster.cache.list('events', namespace)).toMatchObject([{ reason: 'Changed', message: 'changed twice' }]);
});
