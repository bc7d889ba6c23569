import { canonicalOrder } from '../schema/canonical-order.ts';
import type { ApiObject } from './api-object.ts';
import type { Kind } from './kind.ts';

const encoder = new TextEncoder();

/**
 * What an object is stored as: compact JSON in the order of the schema, without `metadata.resourceVersion`. All values of a kind
 * begin with the same bytes (`{"kind":"Pod","apiVersion":"v1","metadata":{`), so that readers can put the version in right there.
 */
export function encodeObject<T extends ApiObject>(kind: Kind<T>, object: T): Uint8Array {
  const { resourceVersion: _, ...metadata } = object.metadata;
  const ordered = canonicalOrder(kind.message, { ...object, kind: kind.kind, apiVersion: kind.apiVersion, metadata });
  return encoder.encode(JSON.stringify(ordered));
}
