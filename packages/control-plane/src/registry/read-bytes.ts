import { type Kind, notFound, resourceVersionTooLarge } from '@berth/api';
import { type Consistency, type Store, StoreError } from '@berth/store';
import { groupResource } from './engine-parts.ts';
import type { ObjectRef } from './registry.ts';
import { storageKey } from './resource-key.ts';
import type { StoredBytes } from './stored-bytes.ts';

/** One object as it is stored. */
export async function readBytes(
  store: Store,
  kind: Kind,
  ref: ObjectRef,
  consistency: Consistency,
): Promise<StoredBytes> {
  try {
    const { kvs } = await store.range({ from: storageKey(ref), consistency });
    const [kv] = kvs;
    if (kv === undefined) throw notFound(groupResource(kind), ref.name);
    return kv;
  } catch (error) {
    const early = error instanceof StoreError && error.code === 'not-yet' && consistency.kind === 'atLeast';
    if (early) throw resourceVersionTooLarge(String(consistency.revision), String(store.status().revision));
    throw error;
  }
}
