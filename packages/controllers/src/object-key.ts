import type { ObjectMeta } from '@berth/api';
import type { ObjectKey } from './controller.ts';

/** `namespace/name`, or `name` for cluster-scoped kinds. */
export function objectKey({ metadata }: { readonly metadata: ObjectMeta }): ObjectKey {
  return keyOf(metadata.namespace, metadata.name ?? '');
}

export function keyOf(namespace: string | undefined, name: string): ObjectKey {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

export function splitKey(key: ObjectKey): { readonly namespace: string | undefined; readonly name: string } {
  const slash = key.indexOf('/');
  return slash < 0
    ? { namespace: undefined, name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** Order of keys and names: by UTF-16 unit, the same on every machine. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Oldest first; objects of the same second by name. */
export function compareAge(left: { readonly metadata: ObjectMeta }, right: { readonly metadata: ObjectMeta }): number {
  return (
    compareText(left.metadata.creationTimestamp ?? '', right.metadata.creationTimestamp ?? '') ||
    compareText(left.metadata.name ?? '', right.metadata.name ?? '')
  );
}
