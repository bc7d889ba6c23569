import type { ApiObject, Stored } from '@berth/api';
import { type KeyValue, prefixRange, type Revision, type Store, type StoreEvent, type WatchEnd } from '@berth/store';
import type { World } from '@berth/world';
import { ObjectIndex } from './object-index.ts';
import type { StoredObject } from './registry.ts';
import { parseStorageKey } from './resource-key.ts';
import { decodeStored } from './stored-object.ts';

/** A change of one object; `before` is absent when it is new, `after` when it is gone. */
export interface ObjectChange {
  /** `pods`, `deployments.apps`. */
  readonly resource: string;
  /** `namespace/name`, or `name` for cluster-scoped kinds. */
  readonly key: string;
  readonly before?: StoredObject;
  readonly after?: StoredObject;
  readonly revision: Revision;
}

/**
 * All objects of the cluster as this server knows them, parsed, frozen and indexed; lists are in the order of keys.
 * It is what loops, the gateway and the scheduler read; it may be a little behind the store, never inconsistent.
 */
export interface ObjectCache extends AsyncDisposable {
  /** Everything up to here is contained. */
  readonly revision: Revision;
  /** Whether the first listing is complete; loops start when it is. */
  readonly synced: boolean;
  get<T extends Stored<ApiObject>>(resource: string, key: string): T | undefined;
  list<T extends Stored<ApiObject>>(resource: string, namespace?: string): readonly T[];
  /** Objects whose controlling owner reference has this uid. */
  ownedBy<T extends Stored<ApiObject>>(resource: string, uid: string): readonly T[];
  /** Objects of any kind with any owner reference to this uid. */
  dependentsOf(uid: string): readonly { readonly resource: string; readonly object: StoredObject }[];
  /** Pods bound to a node. */
  podsOn<T extends Stored<ApiObject>>(nodeName: string): readonly T[];
  /** The kinds of which at least one object was ever seen. */
  resources(): readonly string[];
  /** Called for every change from now on, in revision order, after the cache itself has taken it in. */
  onChange(listener: (change: ObjectChange) => void): Disposable;
  /** Resolves once everything up to `revision` is contained; rejects with the signal's reason. */
  waitFor(revision: Revision, signal?: AbortSignal): Promise<void>;
}

export interface ObjectCacheOptions {
  readonly store: Store;
  readonly world: World;
  /** Told why the cache lists again, e.g. because the history it had to catch up on was compacted. */
  onRestart?(reason: string): void;
}

/** Pause before listing again when the store refused. */
const restartDelayMs = 200;
/** The revision moves on at least this often while nobody writes. */
const bookmarkIntervalMs = 1_000;
/** Every key: objects change, and the revision moves with the bookkeeping below `/berth/` too. */
const everything = prefixRange('/');

/** Starts to fill at once; await `waitFor` of a revision, or poll `synced`, before relying on it. */
export function openObjectCache(options: ObjectCacheOptions): ObjectCache {
  return new StoreObjectCache(options);
}

interface Waiter {
  readonly revision: Revision;
  resolve(): void;
  reject(reason: unknown): void;
}

class StoreObjectCache implements ObjectCache {
  readonly #options: ObjectCacheOptions;
  readonly #indexes = new Map<string, ObjectIndex>();
  readonly #listeners = new Set<(change: ObjectChange) => void>();
  readonly #waiters = new Set<Waiter>();
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #revision = 0 as Revision;
  #synced = false;

  constructor(options: ObjectCacheOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  get revision(): Revision {
    return this.#revision;
  }

  get synced(): boolean {
    return this.#synced;
  }

  get<T extends Stored<ApiObject>>(resource: string, key: string): T | undefined {
    return this.#indexes.get(resource)?.get(key) as unknown as T | undefined;
  }

  list<T extends Stored<ApiObject>>(resource: string, namespace?: string): readonly T[] {
    return (this.#indexes.get(resource)?.list(namespace) ?? []) as unknown as readonly T[];
  }

  ownedBy<T extends Stored<ApiObject>>(resource: string, uid: string): readonly T[] {
    const owned = this.#indexes.get(resource)?.withOwner(uid) ?? [];
    return owned.filter((object) =>
      object.metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.controller === true),
    ) as unknown as readonly T[];
  }

  dependentsOf(uid: string): readonly { readonly resource: string; readonly object: StoredObject }[] {
    return [...this.#indexes].flatMap(([resource, index]) =>
      index.withOwner(uid).map((object) => ({ resource, object })),
    );
  }

  podsOn<T extends Stored<ApiObject>>(nodeName: string): readonly T[] {
    return (this.#indexes.get('pods')?.onNode(nodeName) ?? []) as unknown as readonly T[];
  }

  resources(): readonly string[] {
    return [...this.#indexes.keys()].sort();
  }

  onChange(listener: (change: ObjectChange) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  waitFor(revision: Revision, signal?: AbortSignal): Promise<void> {
    if (this.#synced && this.#revision >= revision) return Promise.resolve();
    for (const ended of [this.#closing.signal, signal])
      if (ended?.aborted === true) return Promise.reject(ended.reason);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { revision, resolve, reject };
    const give = (): void => reject(signal?.reason);
    this.#waiters.add(waiter);
    signal?.addEventListener('abort', give, { once: true });
    return promise.finally(() => {
      this.#waiters.delete(waiter);
      signal?.removeEventListener('abort', give);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error('the object cache is closed'));
    for (const waiter of this.#waiters) waiter.reject(this.#closing.signal.reason);
    await this.#running;
    this.#listeners.clear();
  }

  /** Lists, follows, and lists again whenever following ends, until closed. */
  async #run(): Promise<void> {
    const closed = this.#closing.signal;
    while (!closed.aborted) {
      const reason = await this.#listAndFollow().catch((error: unknown) => String(error));
      if (closed.aborted) return;
      this.#options.onRestart?.(reason);
      await this.#options.world.timers.sleep(restartDelayMs, closed).catch(() => undefined);
    }
  }

  async #listAndFollow(): Promise<string> {
    const { store } = this.#options;
    const { kvs, revision } = await store.range({ ...everything, consistency: { kind: 'local' } });
    this.#replaceAll(kvs, revision);
    const { promise, resolve } = Promise.withResolvers<WatchEnd>();
    using _watch = store.watch(
      { ...everything, startRevision: (revision + 1) as Revision, bookmarkIntervalMs },
      {
        events: (events, at) => this.#takeIn(events, at),
        bookmark: (at) => this.#advance(at),
        end: resolve,
      },
    );
    const stop = (): void => resolve({ kind: 'closed' });
    this.#closing.signal.addEventListener('abort', stop, { once: true });
    if (this.#closing.signal.aborted) stop();
    const end = await promise;
    this.#closing.signal.removeEventListener('abort', stop);
    return end.kind === 'failed' ? end.error.message : `the watch ended: ${end.kind}`;
  }

  /** Brings the cache to a fresh listing; listeners are told the difference, departures first, then by revision. */
  #replaceAll(kvs: readonly KeyValue[], revision: Revision): void {
    const present = new Set(kvs.map((kv) => kv.key));
    for (const [resource, index] of this.#indexes)
      for (const key of [...index.keys()])
        if (!present.has(`/registry/${resource}/${key}`)) this.#change(resource, key, undefined, revision);
    const changed = kvs.filter((kv) => {
      const ref = parseStorageKey(kv.key);
      if (ref === undefined) return false;
      const known = this.get(ref.resource, keyOf(ref));
      return known?.metadata.resourceVersion !== String(kv.modRevision);
    });
    if (this.#synced) changed.sort((a, b) => a.modRevision - b.modRevision);
    for (const kv of changed) this.#put(kv, revision);
    this.#synced = true;
    this.#advance(revision);
  }

  #takeIn(events: readonly StoreEvent[], revision: Revision): boolean {
    for (const event of events) {
      if (event.kind === 'put') {
        this.#put(event.kv, revision);
        continue;
      }
      const ref = parseStorageKey(event.key);
      if (ref !== undefined) this.#change(ref.resource, keyOf(ref), undefined, revision);
    }
    return this.#advance(revision);
  }

  #put(kv: KeyValue, revision: Revision): void {
    const ref = parseStorageKey(kv.key);
    if (ref !== undefined) this.#change(ref.resource, keyOf(ref), decodeStored(kv), revision);
  }

  #change(resource: string, key: string, after: StoredObject | undefined, revision: Revision): void {
    const index = this.#indexes.get(resource) ?? new ObjectIndex();
    this.#indexes.set(resource, index);
    const before = index.get(key);
    if (after === undefined) index.delete(key);
    else index.put(key, after);
    const change: ObjectChange = {
      resource,
      key,
      revision,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    };
    for (const listener of this.#listeners) tell(listener, change);
  }

  #advance(revision: Revision): boolean {
    this.#revision = revision;
    for (const waiter of this.#waiters) if (waiter.revision <= revision) waiter.resolve();
    return true;
  }
}

/** A listener that throws is a fault of the program: the others still hear of the change, then the process falls. */
function tell(listener: (change: ObjectChange) => void, change: ObjectChange): void {
  try {
    listener(change);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

function keyOf(ref: { readonly namespace?: string; readonly name: string }): string {
  return ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`;
}
