import type { ListMeta } from './list-meta.ts';

/** The answer to a LIST, e.g. a PodList. */
export interface ObjectList<T> {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: ListMeta;
  readonly items: readonly T[];
}
