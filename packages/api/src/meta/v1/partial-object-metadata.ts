import type { ListMeta } from './list-meta.ts';
import type { ObjectMeta } from './object-meta.ts';

/** An object without its own fields, for clients that ask for `as=PartialObjectMetadata`. */
export interface PartialObjectMetadata {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly metadata?: ObjectMeta;
}

export interface PartialObjectMetadataList {
  readonly kind: 'PartialObjectMetadataList';
  readonly apiVersion: 'meta.k8s.io/v1';
  readonly metadata: ListMeta;
  readonly items: readonly PartialObjectMetadata[];
}

export function partialObjectMetadata(metadata: ObjectMeta): PartialObjectMetadata {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}
