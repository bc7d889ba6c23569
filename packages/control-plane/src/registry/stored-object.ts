import type { KeyValue } from '@berth/store';
import type { StoredObject } from './registry.ts';

const text = new TextDecoder();

/**
 * Stored bytes are shared and never written to, so what they say is parsed once for everybody: the object cache,
 * selectors, tables and loops hold the same frozen object. An entry goes with its bytes.
 */
const decodedByValue = new WeakMap<Uint8Array, StoredObject>();

/** The object under a key, frozen, with the `resourceVersion` that its bytes leave out. */
export function decodeStored(kv: Pick<KeyValue, 'value' | 'modRevision'>): StoredObject {
  const resourceVersion = String(kv.modRevision);
  const known = decodedByValue.get(kv.value);
  if (known?.metadata.resourceVersion === resourceVersion) return known;
  const object = JSON.parse(text.decode(kv.value)) as StoredObject;
  // 0 is a dry run's: nothing was stored.
  if (kv.modRevision > 0) (object.metadata as { resourceVersion: string }).resourceVersion = resourceVersion;
  freezeDeeply(object);
  decodedByValue.set(kv.value, object);
  return object;
}

/** The same object at another revision: what a watcher is told of an object that went. */
export function atRevision(object: StoredObject, resourceVersion: string): StoredObject {
  return Object.freeze({ ...object, metadata: Object.freeze({ ...object.metadata, resourceVersion }) });
}

/** Objects are shared by everybody in the process: a write to one is a fault that must show at once. */
function freezeDeeply(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) for (const item of value) freezeDeeply(item);
  else for (const key in value) freezeDeeply((value as Record<string, unknown>)[key]);
  Object.freeze(value);
}
