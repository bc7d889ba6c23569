import { type MemoryStore, memoryStore, type RangeRequest, type Store } from '@berth/store';
import { realWorld } from '@berth/world';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ObjectCache, openObjectCache } from '../../src/registry/object-cache.ts';
import { createRegistry, type ObjectEngine } from '../../src/registry/object-engine.ts';
import { admin, at, configMap, newest, refusalOf } from './engine-fixture.ts';

/** What a server sees that has fallen behind: its own state stands still, a quorum knows better. */
function laggingServer(store: MemoryStore): Store {
  const { revision } = store.status();
  return new Proxy(store, {
    get(target, property) {
      if (property === 'range')
        return (request: RangeRequest) =>
          target.range(request.consistency.kind === 'local' ? { ...request, revision } : request);
      const value = Reflect.get(target, property) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

let store: MemoryStore;
let cache: ObjectCache;
let ahead: ObjectEngine;
const ref = { resource: 'configmaps', namespace: 'default', name: 'a' };

beforeEach(async () => {
  store = memoryStore(realWorld);
  cache = openObjectCache({ store, world: realWorld });
  ahead = createRegistry({ store, world: realWorld, cache });
  await ahead.create('namespaces', undefined, { metadata: { name: 'default' } }, admin);
});
afterEach(async () => {
  await cache[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
});

describe('a server that has fallen behind', () => {
  test('does not refuse what is right by the newest state', async () => {
    const behind = createRegistry({ store: laggingServer(store), world: realWorld, cache });
    const made = await ahead.create('configmaps', 'default', configMap('a', { k: '1' }), admin);
    const changed = await behind.update(ref, { ...made, data: { k: '2' } }, admin);
    expect(changed['data']).toEqual({ k: '2' });
    await ahead.create('namespaces', undefined, { metadata: { name: 'late' } }, admin);
    expect((await behind.create('configmaps', 'late', configMap('b'), admin)).metadata.namespace).toBe('late');
  });

  test('does not take what is stored for what it knows: no write is lost', async () => {
    const made = await ahead.create('configmaps', 'default', configMap('a', { k: '1' }), admin);
    const behind = createRegistry({ store: laggingServer(store), world: realWorld, cache });
    await ahead.update(ref, configMap('a', { k: '2' }), admin);
    const add = (now: object) => ({ ...now, data: { ...(now as { data: object }).data, mine: 'x' } });
    await behind.modify(ref, 'object', add, admin);
    expect(at(await ahead.get(ref, newest), 'data')).toEqual({ k: '2', mine: 'x' });
    expect(await refusalOf(behind.update(ref, { ...made, data: {} }, admin))).toMatchObject({ code: 409 });
  });

  test('a write that changes nothing by what it knows is still done when the newest state is another', async () => {
    await ahead.create('configmaps', 'default', configMap('a', { k: '1' }), admin);
    const behind = createRegistry({ store: laggingServer(store), world: realWorld, cache });
    await ahead.update(ref, configMap('a', { k: '2' }), admin);
    await behind.update(ref, configMap('a', { k: '1' }), admin);
    expect(at(await ahead.get(ref, newest), 'data')).toEqual({ k: '1' });
  });

  test('does not let objects into a namespace that is being deleted, nor hand out what is taken', async () => {
    await ahead.create('namespaces', undefined, { metadata: { name: 'shop' } }, admin);
    const behind = createRegistry({ store: laggingServer(store), world: realWorld, cache });
    await ahead.delete({ resource: 'namespaces', name: 'shop' }, {}, admin);
    expect(await refusalOf(behind.create('configmaps', 'shop', configMap('a'), admin))).toMatchObject({ code: 403 });
    const node = (name: string) => ({ metadata: { name } });
    const first = await ahead.create('nodes', undefined, node('n1'), admin);
    const second = await behind.create('nodes', undefined, node('n2'), admin);
    expect([at(first, 'spec', 'podCIDR'), at(second, 'spec', 'podCIDR')]).toEqual(['10.244.0.0/24', '10.244.1.0/24']);
  });

  test('finds and deletes what it has not heard of', async () => {
    const behind = createRegistry({ store: laggingServer(store), world: realWorld, cache });
    await ahead.create('configmaps', 'default', configMap('a'), admin);
    expect((await behind.get(ref, newest)).metadata.name).toBe('a');
    expect(await behind.delete(ref, {}, admin)).toBeUndefined();
    expect(await refusalOf(behind.delete(ref, {}, admin))).toMatchObject({ code: 404 });
  });
});
