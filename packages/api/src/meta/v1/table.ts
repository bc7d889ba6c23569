import type { Cell } from '../../kind/table-column.ts';
import type { ListMeta } from './list-meta.ts';

/** What `kubectl get` prints, for clients that ask for `as=Table`. */
export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: 'meta.k8s.io/v1';
  readonly metadata: ListMeta;
  /** In a watch the first event alone has them. */
  readonly columnDefinitions: readonly TableColumnDefinition[];
  readonly rows: readonly TableRow[];
}

export interface TableColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

export interface TableRow {
  readonly cells: readonly Cell[];
  /** PartialObjectMetadata, the whole object, or absent, by the query parameter `includeObject`. */
  readonly object?: object;
}
