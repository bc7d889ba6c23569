import type { ResourceInfo } from '../client/resources.ts';

/** What the server makes of objects for people: `meta.k8s.io/v1 Table`. */
export interface ObjectTable {
  /** Null in the events of a watch but the first. */
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[] | null;
  readonly rows: readonly {
    readonly cells: readonly unknown[];
    readonly object: { readonly metadata: { readonly name: string; readonly namespace?: string } };
  }[];
  readonly metadata: { readonly resourceVersion?: string };
}

export const tableMediaType = 'application/json;as=Table;v=v1;g=meta.k8s.io';

/** Which part of a table is printed. */
export interface TableView {
  /** Also columns of lower priority. */
  readonly wide: boolean;
  readonly withNamespace: boolean;
}

/** The columns that a view shows, by their index. */
export function visibleColumns(table: ObjectTable, view: TableView): readonly number[] {
  const columns = table.columnDefinitions ?? [];
  return [...columns.keys()].filter((index) => view.wide || columns[index]?.priority === 0);
}

export function headOf(table: ObjectTable, view: TableView): readonly string[] {
  const columns = table.columnDefinitions ?? [];
  const names = visibleColumns(table, view).map((index) => columns[index]?.name.toUpperCase() ?? '');
  return view.withNamespace ? ['NAMESPACE', ...names] : names;
}

export function bodyOf(
  table: ObjectTable,
  view: TableView,
  columns: readonly number[],
): readonly (readonly string[])[] {
  return table.rows.map((row) => {
    const cells = columns.map((index) => String(row.cells[index] ?? '<none>'));
    return view.withNamespace ? [row.object.metadata.namespace ?? '', ...cells] : cells;
  });
}

/** Puts `pod/` before the name, where tables of several resources stand below each other. */
export function withTypes(
  rows: readonly (readonly string[])[],
  head: readonly string[],
  qualified: string,
): readonly (readonly string[])[] {
  return rows.map((row) => row.map((cell, column) => (head[column] === 'NAME' ? `${qualified}/${cell}` : cell)));
}

export function showsNamespaces(resource: ResourceInfo, allNamespaces: boolean): boolean {
  return allNamespaces && resource.namespaced;
}
