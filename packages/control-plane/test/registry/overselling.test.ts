import type { Pod, Stored } from '@berth/api';
import type { Store } from '@berth/store';
import { realWorld } from '@berth/world';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openObjectCache } from '../../src/registry/object-cache.ts';
import { createRegistry, type ObjectEngine } from '../../src/registry/object-engine.ts';
import { addNode, admin, at, type Fixture, newest, openEngine, pod, refusalOf } from './engine-fixture.ts';
import { slowStore } from './slow-store.ts';

let engine: Fixture;
beforeEach(async () => {
  engine = await openEngine();
});
afterEach(() => engine[Symbol.asyncDispose]());

async function addPod(name: string, requests: object, { limits = {}, nodeName = '' } = {}): Promise<string> {
  const spec = { containers: [{ name: 'c', image: 'web:1', resources: { requests, limits } }], nodeName };
  return (await engine.registry.create('pods', 'default', pod(name, spec), admin)).metadata.uid;
}

async function bind(name: string, nodeName = 'n1', annotations: Readonly<Record<string, string>> = {}): Promise<void> {
  const binding = { namespace: 'default', pod: name, nodeName, annotations };
  await engine.registry.bindPod(binding, admin);
}

const nodeOf = async (name: string): Promise<unknown> =>
  at(await engine.registry.get({ resource: 'pods', namespace: 'default', name }, newest), 'spec', 'nodeName');

describe('a binding', () => {
  test('to a node without room is refused and says what is missing', async () => {
    await addNode(engine.registry, 'n1', { cpu: '2' });
    await addPod('a', { cpu: '1500m' });
    await addPod('b', { cpu: '1' });
    await bind('a');
    expect(await refusalOf(bind('b'))).toEqual({
      code: 409,
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on pods/binding "b": no room for it on node n1: ' +
        'Insufficient cpu: asks for 1, 500m of 2 is free',
    });
    expect(await nodeOf('b')).toBeUndefined();
  });

  test('finds the room of a pod that has ended, or that is gone', async () => {
    await addNode(engine.registry, 'n1', { cpu: '1' });
    for (const name of ['a', 'b', 'c']) await addPod(name, { cpu: '1' });
    await bind('a');
    const ref = { resource: 'pods', namespace: 'default', name: 'a' };
    const ended = (now: object) => ({ ...now, status: { ...(now as Pod).status, phase: 'Succeeded' } });
    await engine.registry.modify(ref, 'status', ended, admin);
    await bind('b');
    expect(await refusalOf(bind('c'))).toMatchObject({ code: 409 });
    await engine.registry.delete({ ...ref, name: 'b' }, { gracePeriodSeconds: 0 }, admin);
    await bind('c');
    expect(await nodeOf('c')).toBe('n1');
  });

  test('to a node that is not there, or that is cordoned, is refused', async () => {
    await addPod('a', {});
    const refusal = 'Operation cannot be fulfilled on pods/binding "a"';
    expect((await refusalOf(bind('a', 'n9'))).message).toBe(`${refusal}: there is no node n9`);
    expect((await refusalOf(bind('a', 'n/9'))).message).toBe(`${refusal}: there is no node n/9`);
    await addNode(engine.registry);
    const cordoned = (node: object) => ({ ...node, spec: { ...(node as Pod).spec, unschedulable: true } });
    await engine.registry.modify({ resource: 'nodes', name: 'n1' }, 'object', cordoned, admin);
    expect((await refusalOf(bind('a'))).message).toBe(
      `${refusal}: no room for it on node n1: the node is unschedulable`,
    );
  });

  test('counts pods that were made on their node without being asked', async () => {
    await addNode(engine.registry, 'n1', { cpu: '2' });
    await addPod('static', { cpu: '2' }, { nodeName: 'n1' });
    await addPod('a', { cpu: '1' });
    expect((await refusalOf(bind('a'))).message).toContain('asks for 1, 0 of 2 is free');
  });

  test('says which devices the pod has when nobody chose them, and takes none that is in use', async () => {
    await addNode(engine.registry, 'n1', { 'berth.dev/gpu': '2' });
    const gpu = { 'berth.dev/gpu': '1' };
    for (const name of ['a', 'b', 'c']) await addPod(name, gpu, { limits: gpu });
    await bind('a', 'n1', { 'berth.dev/devices': '{"berth.dev/gpu":[1]}' });
    expect((await refusalOf(bind('b', 'n1', { 'berth.dev/devices': '{"berth.dev/gpu":[1]}' }))).message).toContain(
      'asks for 1000/1000 of device 1, 0/1000 is free',
    );
    await bind('b');
    const bound = await engine.registry.get({ resource: 'pods', namespace: 'default', name: 'b' }, newest);
    expect(bound.metadata.annotations).toEqual({ 'berth.dev/devices': '{"berth.dev/gpu":[0]}' });
    expect((await refusalOf(bind('c'))).message).toContain('Insufficient berth.dev/gpu');
  });

  test('gives pods that are bound in the same moment different devices', async () => {
    await addNode(engine.registry, 'n1', { 'berth.dev/gpu': '3' });
    const gpu = { 'berth.dev/gpu': '1' };
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names) await addPod(name, gpu, { limits: gpu });
    const results = await Promise.allSettled(names.map((name) => bind(name)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    const { items } = await engine.registry.list('pods', 'default', newest);
    const given = items.flatMap(({ metadata }) => metadata.annotations?.['berth.dev/devices'] ?? []);
    expect(given.sort()).toEqual(['{"berth.dev/gpu":[0]}', '{"berth.dev/gpu":[1]}', '{"berth.dev/gpu":[2]}']);
  });

  test('that is only tried takes no room', async () => {
    await addNode(engine.registry, 'n1', { cpu: '1' });
    for (const name of ['a', 'b']) await addPod(name, { cpu: '1' });
    await engine.registry.bindPod({ namespace: 'default', pod: 'a', nodeName: 'n1' }, { ...admin, dryRun: true });
    await bind('b');
    expect([await nodeOf('a'), await nodeOf('b')]).toEqual([undefined, 'n1']);
  });

  test('to a node of the same name as one that is gone starts with all its room', async () => {
    await addNode(engine.registry, 'n1', { cpu: '1' });
    for (const name of ['a', 'b']) await addPod(name, { cpu: '1' });
    await bind('a');
    await engine.registry.delete({ resource: 'nodes', name: 'n1' }, {}, admin);
    await engine.registry.delete(
      { resource: 'pods', namespace: 'default', name: 'a' },
      { gracePeriodSeconds: 0 },
      admin,
    );
    await addNode(engine.registry, 'n1', { cpu: '1' });
    await bind('b');
    expect(await nodeOf('b')).toBe('n1');
  });
});

test('hundreds of bindings to one node at once through one server are written in one go each, without a lost race', async () => {
  await addNode(engine.registry, 'n1', { pods: '100' });
  let transactions = 0;
  const counting = new Proxy<Store>(engine.store, {
    get(target, name) {
      if (name === 'txn') transactions += 1;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const registry = createRegistry({ store: counting, world: realWorld, cache: engine.cache });
  const names = Array.from({ length: 100 }, (_, at) => `p${at}`);
  const uids = await Promise.all(names.map((name) => addPod(name, { cpu: '10m' })));
  transactions = 0;
  await Promise.all(names.map((name, at) => registry.bind('default', name, uids[at] ?? '', 'n1', admin)));
  expect(transactions).toBe(100);
});

/** Of each node in the storms. */
const cores = 7;

interface Try {
  readonly cpu: number;
  readonly server: number;
  readonly node: number;
}

/** What chance has decided, over and over. */
function cycle(numbers: readonly number[]): () => number {
  let next = 0;
  return () => numbers[next++ % numbers.length] ?? 0;
}

/** Cores that are taken of each node. */
async function usedOf({ registry }: Fixture): Promise<readonly number[]> {
  const { items } = await registry.list('pods', 'default', newest);
  return ['n0', 'n1'].map((name) =>
    (items as unknown as readonly Stored<Pod>[])
      .filter(({ spec }) => spec.nodeName === name)
      .reduce((sum, { spec }) => sum + Number(spec.containers[0]?.resources?.requests?.['cpu']), 0),
  );
}

/** Bindings, all at once, through servers that know more or less late what the others did. */
async function storm(tries: readonly Try[], delays: readonly (readonly number[])[]): Promise<void> {
  await using fixture = await openEngine();
  const caches = delays.map((each) => {
    const store = slowStore(fixture.store, cycle(each));
    return { store, cache: openObjectCache({ store, world: realWorld }) };
  });
  const servers = caches.map(({ store, cache }) => createRegistry({ store, cache, world: realWorld }));
  for (const name of ['n0', 'n1']) await addNode(fixture.registry, name, { cpu: `${cores}` });
  const made = await Promise.all(
    tries.map(({ cpu }, at) => {
      const containers = [{ name: 'c', image: 'web:1', resources: { requests: { cpu: `${cpu}` } } }];
      return fixture.registry.create('pods', 'default', pod(`p${at}`, { containers }), admin);
    }),
  );
  const attempt = async ({ server, node }: Try, at: number): Promise<void> => {
    const { name, uid } = made[at]?.metadata ?? { name: '', uid: '' };
    await (servers[server] as ObjectEngine).bind('default', name, uid, `n${node}`, admin);
  };
  const results = await Promise.allSettled(tries.map(attempt));
  let used = await usedOf(fixture);
  for (const sum of used) expect(sum).toBeLessThanOrEqual(cores);
  for (const [at, result] of results.entries()) {
    if (result.status === 'fulfilled') continue;
    expect(result.reason).toMatchObject({ reason: 'Conflict' });
    // Who asks again when all is quiet gets what fits, and only that.
    const { cpu, node } = tries[at] as Try;
    const [again] = await Promise.allSettled([attempt(tries[at] as Try, at)]);
    expect(again?.status).toBe((used[node] ?? 0) + cpu > cores ? 'rejected' : 'fulfilled');
    used = await usedOf(fixture);
  }
  for (const { cache } of caches) await cache[Symbol.asyncDispose]();
}

test('three servers that bind at the same moment sell each node once, and in the end refuse nothing that fits', async () => {
  const tries = fc.array(
    fc.record({ cpu: fc.integer({ min: 1, max: 2 }), server: fc.nat(2), node: fc.constantFrom(0, 0, 0, 1) }),
    {
      minLength: 6,
      maxLength: 20,
    },
  );
  const delays = fc.array(fc.array(fc.nat(4), { minLength: 1, maxLength: 5 }), { minLength: 3, maxLength: 3 });
  await fc.assert(fc.asyncProperty(tries, delays, storm), { numRuns: 40 });
}, 30_000);
