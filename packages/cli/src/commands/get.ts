import { stringify } from 'yaml';
import { type ApiClient, ApiFailure } from '../client/api-client.ts';
import {
  discover,
  pathOf,
  qualifiedName,
  type ResourceInfo,
  type Selection,
  selectionsOf,
} from '../client/resources.ts';
import { formatTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { failureLine } from './failure-line.ts';
import { type GetOptions, namespaceOf } from './get-options.ts';
import {
  bodyOf,
  headOf,
  type ObjectTable,
  showsNamespaces,
  tableMediaType,
  visibleColumns,
  withTypes,
} from './object-table.ts';
import { watchTable } from './watch-table.ts';

interface NamedObject {
  readonly metadata: { readonly name: string };
}

/** `berth get`: prints what the server's Table says, or the objects themselves. Exit code 1 when a name was not found. */
export async function get(
  client: ApiClient,
  terminal: Terminal,
  words: readonly string[],
  options: GetOptions,
): Promise<number> {
  const selections = selectionsOf(await discover(client), words);
  if (options.allNamespaces === true && selections.some(({ names }) => names.length > 0))
    throw new Error('a name is looked for in one namespace: leave -A away');
  if (options.watch === true) {
    const [selection] = selections;
    if (selection === undefined || selections.length > 1 || selection.names.length > 1)
      throw new Error('-w watches one resource: all of it, or one name');
    return watchTable(client, terminal, selection, options);
  }
  const command: GetCommand = { client, terminal, options };
  const { output } = options;
  if (output === 'yaml' || output === 'json' || output === 'name') return printObjects(command, selections, output);
  return printTables(command, selections);
}

interface GetCommand {
  readonly client: ApiClient;
  readonly terminal: Terminal;
  readonly options: GetOptions;
}

/** Answers of the named objects, or one answer of the whole collection. Names that are not there are reported. */
async function answers<T>(
  { client, terminal, options }: GetCommand,
  { resource, names }: Selection,
  accept: string,
): Promise<{ readonly found: readonly T[]; readonly missing: number }> {
  const namespace = namespaceOf(client, resource, options);
  if (names.length === 0) {
    const query = { labelSelector: options.selector, fieldSelector: options.fieldSelector };
    return { found: [await client.json<T>({ path: pathOf(resource, namespace), accept, query })], missing: 0 };
  }
  const found: T[] = [];
  for (const name of names) {
    try {
      found.push(await client.json<T>({ path: pathOf(resource, namespace, name), accept }));
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.code !== 404) throw error;
      terminal.error(failureLine(error));
    }
  }
  return { found, missing: names.length - found.length };
}

async function printObjects(
  command: GetCommand,
  selections: readonly Selection[],
  output: 'yaml' | 'json' | 'name',
): Promise<number> {
  const { terminal } = command;
  const items: { readonly resource: ResourceInfo; readonly object: NamedObject }[] = [];
  let missingCount = 0;
  for (const selection of selections) {
    const { resource, names } = selection;
    const { found, missing } = await answers<NamedObject & { readonly items?: readonly NamedObject[] }>(
      command,
      selection,
      'application/json',
    );
    missingCount += missing;
    const objects = names.length === 0 ? found.flatMap((list) => listItems(resource, list.items ?? [])) : found;
    items.push(...objects.map((object) => ({ resource, object })));
  }
  if (output === 'name') {
    for (const { resource, object } of items) terminal.line(`${qualifiedName(resource)}/${object.metadata.name}`);
    return missingCount === 0 ? 0 : 1;
  }
  const [only] = items;
  const isOne = selections.length === 1 && selections[0]?.names.length === 1;
  if (isOne && only === undefined) return 1;
  const list = { apiVersion: 'v1', kind: 'List', metadata: {}, items: items.map(({ object }) => object) };
  const answer = isOne ? only?.object : list;
  const text =
    output === 'yaml' ? stringify(answer, { version: '1.1', lineWidth: 0 }) : JSON.stringify(answer, null, 2);
  terminal.line(text.trimEnd());
  return missingCount === 0 ? 0 : 1;
}

/** Objects in a list do not say their kind; as items of a List they must. */
function listItems(resource: ResourceInfo, items: readonly NamedObject[]): readonly NamedObject[] {
  return items.map((item) => ({ kind: resource.kind, apiVersion: resource.groupVersion, ...item }));
}

async function printTables(command: GetCommand, selections: readonly Selection[]): Promise<number> {
  const { client, terminal, options } = command;
  let missingCount = 0;
  let printedTables = 0;
  for (const { resource, names } of mergedByResource(selections)) {
    const view = {
      wide: options.output === 'wide',
      withNamespace: showsNamespaces(resource, options.allNamespaces === true),
    };
    const { found, missing } = await answers<ObjectTable>(command, { resource, names }, tableMediaType);
    missingCount += missing;
    const [first] = found;
    if (first === undefined) continue;
    const columns = visibleColumns(first, view);
    const head = headOf(first, view);
    const rows = found.flatMap((table) => bodyOf(table, view, columns));
    if (rows.length === 0) continue;
    if (printedTables > 0) terminal.line();
    printedTables++;
    const body = selections.length > 1 ? withTypes(rows, head, qualifiedName(resource)) : rows;
    for (const line of formatTable([head, ...body])) terminal.line(line);
  }
  if (printedTables === 0 && missingCount === 0) {
    const isNamespaced = selections.some(({ resource }) => resource.namespaced) && options.allNamespaces !== true;
    const where = isNamespaced ? ` in ${options.namespace ?? client.namespace} namespace` : '';
    terminal.error(`No resources found${where}.`);
  }
  return missingCount === 0 ? 0 : 1;
}

/** `pod/a pod/b` is one table of two rows. */
function mergedByResource(selections: readonly Selection[]): readonly Selection[] {
  const merged: Selection[] = [];
  for (const { resource, names } of selections) {
    const at = merged.findIndex((each) => each.resource === resource && names.length > 0);
    const present = merged[at];
    if (present === undefined) merged.push({ resource, names });
    else merged[at] = { resource, names: [...present.names, ...names] };
  }
  return merged;
}
