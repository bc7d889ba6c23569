import { ApiError } from '@berth/api';
import { type KeyValue, type Store, StoreError } from '@berth/store';
import type { ObjectRef, Registry, StoredObject } from '../../src/registry/registry.ts';
import { storageKey } from '../../src/registry/resource-key.ts';
import { decodeStored } from '../../src/registry/stored-object.ts';

export interface PlainRegistry extends Registry {
  /** Writes an object as it is, as a user would through the API. */
  put(ref: ObjectRef, object: Readonly<Record<string, unknown>>): Promise<StoredObject>;
  /** Removes an object at once. */
  remove(ref: ObjectRef): Promise<void>;
  /** Makes the next writes fail with this error; `undefined` ends it. */
  fail(error: ApiError | undefined): void;
  /** What was written through the registry, e.g. `status pods/default/web`. */
  readonly writes: readonly string[];
  /** Objects that were read with `get`. */
  readonly reads: number;
}

/** The registry without rules: objects go to the store as they are. What the gateway does can be tested without the engine. */
export function plainRegistry(store: Store): PlainRegistry {
  const writes: string[] = [];
  let failure: ApiError | undefined;
  let uids = 0;
  let reads = 0;

  const read = async (ref: ObjectRef): Promise<KeyValue | undefined> =>
    (await store.range({ from: storageKey(ref), consistency: { kind: 'linearizable' } })).kvs[0];

  const write = async (ref: ObjectRef, object: unknown, from: KeyValue | undefined): Promise<StoredObject> => {
    const { metadata, ...rest } = object as StoredObject;
    const { resourceVersion: _version, ...meta } = metadata;
    const value = Buffer.from(JSON.stringify({ ...rest, metadata: meta }));
    const response = await store.txn({
      compare: [
        { key: storageKey(ref), target: 'mod', is: '=', revision: from?.modRevision ?? (0 as KeyValue['modRevision']) },
      ],
      success: [{ kind: 'put', key: storageKey(ref), value }],
    });
    if (!response.succeeded) throw new ApiError(from === undefined ? 'AlreadyExists' : 'Conflict', storageKey(ref));
    return decodeStored({ value, modRevision: response.revision });
  };

  const attempt = async <T>(entry: string, run: () => Promise<T>): Promise<T> => {
    if (failure !== undefined) throw failure;
    writes.push(entry);
    try {
      return await run();
    } catch (error) {
      throw error instanceof StoreError ? new ApiError('ServiceUnavailable', error.message) : error;
    }
  };

  const unused = (): never => {
    throw new Error('the gateway has no use for this');
  };

  return {
    writes,
    get reads() {
      return reads;
    },
    fail: (error) => {
      failure = error;
    },
    async put(ref, object) {
      const current = await read(ref);
      const metadata = {
        name: ref.name,
        ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
        uid: current === undefined ? `uid-${++uids}` : decodeStored(current).metadata.uid,
        creationTimestamp: '2026-01-01T00:00:00Z',
        ...(object['metadata'] as object | undefined),
      };
      return await write(ref, { ...object, metadata }, current);
    },
    async remove(ref) {
      await store.txn({ compare: [], success: [{ kind: 'delete', from: storageKey(ref) }] });
    },
    async get(ref) {
      const kv = await read(ref);
      reads += 1;
      if (kv === undefined) throw new ApiError('NotFound', storageKey(ref));
      return decodeStored(kv);
    },
    create(resource, namespace, object) {
      const name = (object as StoredObject).metadata.name;
      const ref: ObjectRef = { resource, name, ...(namespace === undefined ? {} : { namespace }) };
      return attempt(`create ${resource}/${name}`, async () => {
        if ((await read(ref)) !== undefined) throw new ApiError('AlreadyExists', storageKey(ref));
        return await this.put(ref, object as Record<string, unknown>);
      });
    },
    modify(ref, part, change) {
      return attempt(`${part} ${storageKey(ref).slice('/registry/'.length)}`, async () => {
        const kv = await read(ref);
        if (kv === undefined) throw new ApiError('NotFound', storageKey(ref));
        const next = change(decodeStored(kv));
        return next === undefined ? undefined : await write(ref, next, kv);
      });
    },
    delete(ref, { preconditions }) {
      return attempt(`delete ${storageKey(ref).slice('/registry/'.length)}`, async () => {
        const kv = await read(ref);
        if (kv === undefined) throw new ApiError('NotFound', storageKey(ref));
        if (preconditions?.uid !== undefined && preconditions.uid !== decodeStored(kv).metadata.uid)
          throw new ApiError('Conflict', 'uid');
        await store.txn({ compare: [], success: [{ kind: 'delete', from: storageKey(ref) }] });
        return undefined;
      });
    },
    list: unused,
    update: unused,
    updateStatus: unused,
    bind: unused,
  };
}
