import type { ApiClient } from '../client/api-client.ts';
import { lines } from '../client/lines.ts';
import { pathOf, type Selection } from '../client/resources.ts';
import { columnWidths, formatRow } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type GetOptions, namespaceOf } from './get-options.ts';
import { bodyOf, headOf, type ObjectTable, showsNamespaces, tableMediaType, visibleColumns } from './object-table.ts';

interface TableEvent {
  readonly type: string;
  readonly object: ObjectTable & { readonly message?: string };
}

/**
 * Prints the present rows, then one line per change, until the user ends it. The server ends a watch now and then: it goes on where
 * it was.
 */
export async function watchTable(
  client: ApiClient,
  terminal: Terminal,
  { resource, names }: Selection,
  options: GetOptions,
): Promise<number> {
  const path = pathOf(resource, namespaceOf(client, resource, options));
  const [name] = names;
  const query = {
    labelSelector: options.selector,
    fieldSelector: name === undefined ? options.fieldSelector : `metadata.name=${name}`,
  };
  const view = {
    wide: options.output === 'wide',
    withNamespace: showsNamespaces(resource, options.allNamespaces === true),
  };
  const table = await client.json<ObjectTable>({ path, accept: tableMediaType, query });
  const columns = visibleColumns(table, view);
  const rows = [headOf(table, view), ...bodyOf(table, view, columns)];
  const widths = columnWidths(rows);
  for (const row of rows) terminal.line(formatRow(row, widths));
  let { resourceVersion } = table.metadata;
  for (;;) {
    const watch = { ...query, watch: true, allowWatchBookmarks: true, resourceVersion };
    const stream = await client.open({ path, accept: tableMediaType, query: watch });
    for await (const line of lines(stream)) {
      const { object, type } = JSON.parse(line) as TableEvent;
      if (type === 'ERROR') throw new Error(object.message ?? 'the watch ended with an error');
      resourceVersion = object.metadata.resourceVersion ?? resourceVersion;
      if (type === 'BOOKMARK') continue;
      for (const row of bodyOf(object, view, columns)) terminal.line(formatRow(row, widths));
    }
  }
}
