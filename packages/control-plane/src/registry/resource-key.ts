import { type KeyRange, prefixRange } from '@berth/store';
import type { ObjectRef } from './registry.ts';

/** Everything that the API stores lives below this; Berth's own bookkeeping lives below `/berth/`. */
const registryPrefix = '/registry/';

/** Where an object is stored: `/registry/pods/default/web-1`, `/registry/nodes/n1`. */
export function storageKey(ref: ObjectRef): string {
  return ref.namespace === undefined
    ? `${registryPrefix}${ref.resource}/${ref.name}`
    : `${registryPrefix}${ref.resource}/${ref.namespace}/${ref.name}`;
}

/** All objects of a kind, or those in one namespace. */
export function storageRange(resource: string, namespace?: string): KeyRange {
  return prefixRange(
    namespace === undefined ? `${registryPrefix}${resource}/` : `${registryPrefix}${resource}/${namespace}/`,
  );
}

/** The smallest key after `key`: where a listing goes on. */
export function nextKey(key: string): string {
  return `${key}\u0001`;
}

/** The reverse of `storageKey`; undefined for keys that are not objects of the API. */
export function parseStorageKey(key: string): ObjectRef | undefined {
  if (!key.startsWith(registryPrefix)) return undefined;
  const [resource, first, second, ...rest] = key.slice(registryPrefix.length).split('/');
  if (resource === undefined || first === undefined || rest.length > 0) return undefined;
  return second === undefined ? { resource, name: first } : { resource, namespace: first, name: second };
}

/** `namespace/name`, or `name` for cluster-scoped kinds: how loops and indexes call an object. */
export function objectKey(object: {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Whether any object could have this name at all: what is no key need not be looked up. */
export function isStorableName(name: string): boolean {
  return /^[\x21-\x2e\x30-\x7e]{1,253}$/.test(name);
}
