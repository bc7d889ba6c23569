import { stringify } from 'yaml';
import { type ApiClient, ApiFailure } from '../client/api-client.ts';
import { lines } from '../client/lines.ts';
import { discover, pathOf, type ResourceInfo, resolveResources } from '../client/resources.ts';
import { formatTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface GetOptions {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly fieldSelector?: string;
  readonly output?: 'wide' | 'yaml' | 'json' | 'name';
  readonly watch?: boolean;
}

interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[] | null;
  readonly rows: readonly {
    readonly cells: readonly unknown[];
    readonly object: { readonly metadata: { readonly name: string; readonly namespace?: string } };
  }[];
  readonly metadata: { readonly resourceVersion?: string };
}

interface ObjectList {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io';

/** `berth get`: prints what the server's Table says, or the objects themselves. Exit code 1 when a name was not found. */
export async function get(
  client: ApiClient,
  terminal: Terminal,
  types: string,
  names: readonly string[],
  options: GetOptions,
): Promise<number> {
  const known = await discover(client);
  const resources = types.split(',').flatMap((type) => resolveResources(known, type));
  if (options.watch === true) {
    const [resource] = resources;
    if (resource === undefined || resources.length > 1 || names.length > 1)
      throw new Error('-w watches one resource, all of it or one name');
    return watchTable(client, terminal, resource, names[0], options);
  }
  let exitCode = 0;
  const wantsObjects = options.output === 'yaml' || options.output === 'json' || options.output === 'name';
  for (const [position, resource] of resources.entries()) {
    try {
      if (wantsObjects) await printObjects(client, terminal, resource, names, options);
      else
        await printTables(client, terminal, resource, names, options, {
          separate: position > 0,
          prefixed: resources.length > 1,
        });
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.code !== 404) throw error;
      terminal.error(`Error from server (${error.reason}): ${error.message}`);
      exitCode = 1;
    }
  }
  return exitCode;
}

function namespaceOf(client: ApiClient, resource: ResourceInfo, options: GetOptions): string | undefined {
  return resource.namespaced && options.allNamespaces !== true ? (options.namespace ?? client.namespace) : undefined;
}

function query(options: GetOptions): Readonly<Record<string, string | undefined>> {
  return { labelSelector: options.selector, fieldSelector: options.fieldSelector };
}

async function printObjects(
  client: ApiClient,
  terminal: Terminal,
  resource: ResourceInfo,
  names: readonly string[],
  options: GetOptions,
): Promise<void> {
  const namespace = namespaceOf(client, resource, options);
  const found: unknown[] = [];
  for (const name of names) found.push(await client.json({ path: pathOf(resource, namespace, name) }));
  const answer = names.length === 1 ? found[0] : await listOf(client, resource, namespace, names, found, options);
  if (options.output === 'yaml') terminal.line(stringify(answer, { version: '1.1' }).trimEnd());
  else if (options.output === 'json') terminal.line(JSON.stringify(answer, undefined, 2));
  else {
    const items = names.length === 1 ? [answer as ObjectList['items'][number]] : (answer as ObjectList).items;
    for (const item of items) terminal.line(`${qualified(resource)}/${item.metadata.name}`);
  }
}

async function listOf(
  client: ApiClient,
  resource: ResourceInfo,
  namespace: string | undefined,
  names: readonly string[],
  found: readonly unknown[],
  options: GetOptions,
): Promise<unknown> {
  if (names.length > 0) return { kind: 'List', apiVersion: 'v1', metadata: {}, items: found };
  return client.json({ path: pathOf(resource, namespace), query: query(options) });
}

function qualified(resource: ResourceInfo): string {
  const [group, version] = resource.groupVersion.split('/');
  return version === undefined ? resource.singular : `${resource.singular}.${group}`;
}

async function printTables(
  client: ApiClient,
  terminal: Terminal,
  resource: ResourceInfo,
  names: readonly string[],
  options: GetOptions,
  layout: { readonly separate: boolean; readonly prefixed: boolean },
): Promise<void> {
  const namespace = namespaceOf(client, resource, options);
  const tables: Table[] = [];
  if (names.length === 0) {
    tables.push(
      await client.json<Table>({ path: pathOf(resource, namespace), accept: tableType, query: query(options) }),
    );
  }
  for (const name of names)
    tables.push(await client.json<Table>({ path: pathOf(resource, namespace, name), accept: tableType }));
  const rows = tables.flatMap((table) => bodyOf(table, options, resource));
  if (rows.length === 0) {
    if (!layout.prefixed)
      terminal.error(`No resources found${namespace === undefined ? '' : ` in ${namespace} namespace`}.`);
    return;
  }
  if (layout.separate) terminal.line();
  const [first] = tables;
  const head = first === undefined ? [] : headOf(first, options, resource);
  const body = layout.prefixed ? rows.map((row) => prefixName(row, head, `${qualified(resource)}/`)) : rows;
  for (const line of formatTable([head, ...body])) terminal.line(line);
}

function prefixName(row: readonly string[], head: readonly string[], prefix: string): readonly string[] {
  return row.map((cell, column) => (head[column] === 'NAME' ? prefix + cell : cell));
}

function showsNamespace(options: GetOptions, resource: ResourceInfo): boolean {
  return options.allNamespaces === true && resource.namespaced;
}

function visibleColumns(table: Table, options: GetOptions): readonly number[] {
  const columns = table.columnDefinitions ?? [];
  return [...columns.keys()].filter((index) => options.output === 'wide' || columns[index]?.priority === 0);
}

function headOf(table: Table, options: GetOptions, resource: ResourceInfo): readonly string[] {
  const names = visibleColumns(table, options).map(
    (index) => table.columnDefinitions?.[index]?.name.toUpperCase() ?? '',
  );
  return showsNamespace(options, resource) ? ['NAMESPACE', ...names] : names;
}

function bodyOf(
  table: Table,
  options: GetOptions,
  resource: ResourceInfo,
  columns: readonly number[] = visibleColumns(table, options),
): string[][] {
  return table.rows.map((row) => {
    const cells = columns.map((index) => String(row.cells[index] ?? '<none>'));
    return showsNamespace(options, resource) ? [row.object.metadata.namespace ?? '', ...cells] : cells;
  });
}

/** Prints the present rows, then one line per change until the server or the user ends it. */
async function watchTable(
  client: ApiClient,
  terminal: Terminal,
  resource: ResourceInfo,
  name: string | undefined,
  options: GetOptions,
): Promise<number> {
  const path = pathOf(resource, namespaceOf(client, resource, options));
  const fieldSelector = name === undefined ? options.fieldSelector : `metadata.name=${name}`;
  const selection = { ...query(options), fieldSelector };
  const table = await client.json<Table>({ path, accept: tableType, query: selection });
  const columns = visibleColumns(table, options);
  const head = headOf(table, options, resource);
  const body = bodyOf(table, options, resource, columns);
  const widths = head.map((title, column) => Math.max(title.length, ...body.map((row) => row[column]?.length ?? 0)));
  const print = (row: readonly string[]): void =>
    terminal.line(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('   ')
        .trimEnd(),
    );
  for (const row of [head, ...body]) print(row);
  const stream = await client.open({
    path,
    accept: tableType,
    query: { ...selection, watch: true, resourceVersion: table.metadata.resourceVersion },
  });
  for await (const line of lines(stream)) {
    const event = JSON.parse(line) as { readonly type: string; readonly object: Table & { readonly message?: string } };
    if (event.type === 'ERROR') throw new Error(event.object.message ?? 'the watch ended with an error');
    if (event.type !== 'BOOKMARK') for (const row of bodyOf(event.object, options, resource, columns)) print(row);
  }
  return 0;
}
