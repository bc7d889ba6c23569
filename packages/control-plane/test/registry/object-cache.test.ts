import { memoryStore, revision, type Store } from '@berth/store';
import { realWorld } from '@berth/world';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ObjectCache, type ObjectChange, openObjectCache } from '../../src/registry/object-cache.ts';
import { podObject, putObject, removeObject } from './store-objects.ts';

describe('the object cache', () => {
  let store: ReturnType<typeof memoryStore>;
  let cache: ObjectCache;

  beforeEach(() => {
    store = memoryStore(realWorld);
    cache = openObjectCache({ store, world: realWorld });
  });
  afterEach(async () => {
    await cache[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  const names = (): readonly string[] => cache.list('pods').map((pod) => pod.metadata.name);

  test('holds what was stored before it was opened and what is stored afterwards', async () => {
    await putObject(store, '/registry/pods/default/b', podObject('b'));
    await using late = openObjectCache({ store, world: realWorld });
    await late.waitFor(revision(2));
    expect(late.synced).toBe(true);
    expect(late.get('pods', 'default/b')?.metadata.resourceVersion).toBe('2');
    await late.waitFor(await putObject(store, '/registry/pods/default/a', podObject('a')));
    expect(late.list('pods').map((pod) => pod.metadata.name)).toEqual(['a', 'b']);
  });

  test('lists in the order of keys, whatever the order of writes', async () => {
    for (const name of ['m', 'a', 'z', 'b', 'y'])
      await putObject(store, `/registry/pods/default/${name}`, podObject(name));
    await cache.waitFor(await removeObject(store, '/registry/pods/default/m'));
    expect(names()).toEqual(['a', 'b', 'y', 'z']);
  });

  test('a list that was handed out does not change afterwards', async () => {
    await cache.waitFor(await putObject(store, '/registry/pods/default/a', podObject('a')));
    const before = cache.list('pods');
    await cache.waitFor(await putObject(store, '/registry/pods/default/b', podObject('b')));
    expect(before).toHaveLength(1);
    expect(cache.list('pods')).toHaveLength(2);
  });

  test('finds objects by namespace, owner and node, and forgets them when that changes', async () => {
    await putObject(store, '/registry/pods/default/a', podObject('a', { nodeName: 'n1', owner: 'rs-1' }));
    await cache.waitFor(await putObject(store, '/registry/pods/default/b', podObject('b', { nodeName: 'n1' })));
    expect(cache.podsOn('n1').map((pod) => pod.metadata.name)).toEqual(['a', 'b']);
    expect(cache.ownedBy('pods', 'rs-1').map((pod) => pod.metadata.name)).toEqual(['a']);
    expect(cache.dependentsOf('rs-1').map(({ resource }) => resource)).toEqual(['pods']);
    expect(cache.list('pods', 'default')).toHaveLength(2);
    expect(cache.list('pods', 'other')).toEqual([]);
    await cache.waitFor(await putObject(store, '/registry/pods/default/a', podObject('a', { nodeName: 'n2' })));
    expect(cache.podsOn('n1').map((pod) => pod.metadata.name)).toEqual(['b']);
    expect(cache.podsOn('n2').map((pod) => pod.metadata.name)).toEqual(['a']);
    expect(cache.ownedBy('pods', 'rs-1')).toEqual([]);
  });

  test('ownedBy counts the controlling owner only, dependentsOf any owner', async () => {
    const pod = podObject('a', { owner: 'rs-1' });
    const other = {
      ...pod,
      metadata: { ...pod.metadata, ownerReferences: [{ uid: 'x' }, { uid: 'rs-1', controller: false }] },
    };
    await cache.waitFor(await putObject(store, '/registry/pods/default/a', other));
    expect(cache.ownedBy('pods', 'rs-1')).toEqual([]);
    expect(cache.dependentsOf('rs-1')).toHaveLength(1);
  });

  test('tells every change once, in the order of revisions, with what was before', async () => {
    await cache.waitFor(store.status().revision);
    const changes: ObjectChange[] = [];
    using _listener = cache.onChange((change) => changes.push(change));
    await putObject(store, '/registry/pods/default/a', podObject('a'));
    await putObject(store, '/registry/nodes/n1', { kind: 'Node', metadata: { name: 'n1' } });
    await putObject(store, '/registry/pods/default/a', podObject('a', { nodeName: 'n1' }));
    await cache.waitFor(await removeObject(store, '/registry/pods/default/a'));
    expect(
      changes.map(({ resource, key, before, after, revision: at }) => [
        resource,
        key,
        before?.metadata.resourceVersion,
        after?.metadata.resourceVersion,
        at,
      ]),
    ).toEqual([
      ['pods', 'default/a', undefined, '2', 2],
      ['nodes', 'n1', undefined, '3', 3],
      ['pods', 'default/a', '2', '4', 4],
      ['pods', 'default/a', '4', undefined, 5],
    ]);
  });

  test('a listener sees the cache with the change already in it', async () => {
    await cache.waitFor(store.status().revision);
    const seen: (string | undefined)[] = [];
    using _listener = cache.onChange(({ key }) => seen.push(cache.get('pods', key)?.metadata.resourceVersion));
    await cache.waitFor(await putObject(store, '/registry/pods/default/a', podObject('a')));
    expect(seen).toEqual(['2']);
  });

  test('follows the revision also when only bookkeeping below /berth/ is written', async () => {
    const { revision: at } = await store.txn({
      compare: [],
      success: [{ kind: 'put', key: '/berth/allocations/x', value: new Uint8Array(1) }],
    });
    await cache.waitFor(at);
    expect(cache.revision).toBe(at);
    expect(cache.resources()).toEqual([]);
  });

  test('objects are frozen to the last field', async () => {
    await cache.waitFor(await putObject(store, '/registry/pods/default/a', podObject('a', { labels: { app: 'web' } })));
    const pod = cache.get('pods', 'default/a') as unknown as { metadata: { labels: Record<string, string> } };
    expect(() => {
      pod.metadata.labels['app'] = 'other';
    }).toThrow(TypeError);
  });

  test('lists again and tells the difference when the history it needs is gone', async () => {
    const reasons: string[] = [];
    const { store: breakable, breakOff } = breakableStore(store);
    await putObject(store, '/registry/pods/default/a', podObject('a'));
    await putObject(store, '/registry/pods/default/b', podObject('b'));
    await using restarted = openObjectCache({
      store: breakable,
      world: realWorld,
      onRestart: (reason) => reasons.push(reason),
    });
    await restarted.waitFor(store.status().revision);
    const changes: string[] = [];
    using _listener = restarted.onChange(({ key, before, after }) =>
      changes.push(`${key} ${before?.metadata.resourceVersion ?? '-'} ${after?.metadata.resourceVersion ?? '-'}`),
    );
    breakOff();
    await removeObject(store, '/registry/pods/default/a');
    await putObject(store, '/registry/pods/default/c', podObject('c'));
    await restarted.waitFor(await putObject(store, '/registry/pods/default/b', podObject('b', { nodeName: 'n1' })));
    expect(reasons).toEqual(['the watch ended: compacted']);
    expect(restarted.list('pods').map((pod) => pod.metadata.name)).toEqual(['b', 'c']);
    expect(changes).toContain('default/a 2 -');
    expect(changes).toContain('default/c - 5');
    expect(changes).toContain('default/b 3 6');
    expect(changes).toHaveLength(3);
  });

  test('waiting ends with the signal, and when the cache closes', async () => {
    const never = revision(1_000);
    const aborted = cache.waitFor(never, AbortSignal.abort(new Error('enough')));
    await expect(aborted).rejects.toThrow('enough');
    const closed = expect(cache.waitFor(never)).rejects.toThrow('the object cache is closed');
    await cache[Symbol.asyncDispose]();
    await closed;
  });
});

/** A store whose first watch can be made to hear nothing more but its end. */
function breakableStore(store: Store): { readonly store: Store; breakOff(): void } {
  let isBroken = false;
  let end: (() => void) | undefined;
  const watch: Store['watch'] = (request, sink) => {
    if (end !== undefined) return store.watch(request, sink);
    end = () => {
      isBroken = true;
      sink.end({ kind: 'compacted', compactRevision: revision(3) });
    };
    return store.watch(request, {
      events: (events, at) => isBroken || sink.events(events, at),
      bookmark: (at) => isBroken || (sink.bookmark?.(at) ?? true),
      end: sink.end,
    });
  };
  const proxy = new Proxy(store, {
    get(target, property) {
      if (property === 'watch') return watch;
      const value = Reflect.get(target, property) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { store: proxy, breakOff: () => end?.() };
}
