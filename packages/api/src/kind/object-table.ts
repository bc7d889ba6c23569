import { partialObjectMetadata } from '../meta/v1/partial-object-metadata.ts';
import type { TableColumnDefinition, TableRow } from '../meta/v1/table.ts';
import type { ApiObject } from './api-object.ts';
import type { Kind } from './kind.ts';

/** What each row carries besides its cells: the query parameter `includeObject`. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** The head of the table that `kubectl get` prints. */
export function columnDefinitions(kind: Kind): readonly TableColumnDefinition[] {
  return kind.columns.map(({ name, type, format, description, priority }) => ({
    name,
    type,
    format,
    description,
    priority,
  }));
}

/** One object of the table. `nowMs`: milliseconds since the epoch. */
export function tableRow<T extends ApiObject>(
  kind: Kind<T>,
  object: T,
  nowMs: number,
  include: IncludeObject,
): TableRow {
  const cells = kind.columns.map((column) => column.cell(object, nowMs));
  if (include === 'None') return { cells };
  return { cells, object: include === 'Object' ? object : partialObjectMetadata(object.metadata) };
}
