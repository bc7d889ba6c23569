import type { ApiClient } from '../client/api-client.ts';
import { discover, pathOf, type ResourceInfo, resolveResources } from '../client/resources.ts';
import { formatTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface Described {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly [field: string]: unknown;
}

interface EventItem {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly lastTimestamp?: string | null;
  readonly source?: { readonly component?: string };
}

const secretKinds = new Set(['Secret']);

/** `berth describe`: everything an object says, as an indented outline, and what happened to it. */
export async function describe(
  client: ApiClient,
  terminal: Terminal,
  type: string,
  names: readonly string[],
  options: { readonly namespace?: string },
): Promise<number> {
  const [slashType, slashName] = type.split('/');
  const [resource] = resolveResources(await discover(client), slashType ?? type);
  if (resource === undefined) return 1;
  const namespace = resource.namespaced ? (options.namespace ?? client.namespace) : undefined;
  const wanted = slashName === undefined ? names : [slashName];
  const objects =
    wanted.length > 0
      ? await Promise.all(wanted.map((name) => client.json<Described>({ path: pathOf(resource, namespace, name) })))
      : (await client.json<{ readonly items: readonly Described[] }>({ path: pathOf(resource, namespace) })).items;
  for (const [position, object] of objects.entries()) {
    if (position > 0) terminal.line('\n');
    await describeOne(client, terminal, resource, object);
  }
  return 0;
}

async function describeOne(
  client: ApiClient,
  terminal: Terminal,
  resource: ResourceInfo,
  object: Described,
): Promise<void> {
  const { metadata } = object;
  const head: (readonly [string, unknown])[] = [
    ['Name', metadata.name],
    ['Namespace', metadata.namespace],
    ['Labels', metadata.labels],
    ['Annotations', metadata.annotations],
    ['Created', metadata.creationTimestamp],
    ['Being deleted since', metadata.deletionTimestamp],
    ['Controlled by', metadata.ownerReferences?.map((owner) => `${owner.kind}/${owner.name}`).join(', ')],
  ];
  for (const [title, value] of head) {
    if (value !== undefined) for (const line of outline(title, value, 0)) terminal.line(line);
  }
  for (const [field, value] of Object.entries(object)) {
    if (['kind', 'apiVersion', 'metadata'].includes(field)) continue;
    const shown =
      secretKinds.has(resource.kind) && (field === 'data' || field === 'stringData') ? sizesOf(value) : value;
    for (const line of outline(titleOf(field), shown, 0)) terminal.line(line);
  }
  for (const line of await eventLines(client, object)) terminal.line(line);
}

/** Nested objects and lists as an indented outline; long texts keep their lines. */
export function outline(title: string, value: unknown, depth: number): readonly string[] {
  const indent = '  '.repeat(depth);
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) {
    if (value.length === 0) return [];
    if (value.every((item) => typeof item !== 'object')) return [`${indent}${title}: ${value.join(', ')}`];
    return [
      `${indent}${title}:`,
      ...value.flatMap((item, index) => {
        const name =
          (item as { readonly name?: unknown; readonly type?: unknown }).name ??
          (item as { readonly type?: unknown }).type;
        return outline(name === undefined ? `${index + 1}` : String(name), item, depth + 1);
      }),
    ];
  }
  if (typeof value === 'object') {
    const entries = Object.entries(value);
    if (entries.length === 0) return [`${indent}${title}: <empty>`];
    return [`${indent}${title}:`, ...entries.flatMap(([field, inner]) => outline(titleOf(field), inner, depth + 1))];
  }
  return [`${indent}${title}: ${String(value)}`];
}

/** `nodeName` reads as `Node Name`; keys of labels and the like stay as they are. */
function titleOf(field: string): string {
  if (!/^[a-z][A-Za-z]*$/.test(field)) return field;
  const words = field.replaceAll(/([a-z])([A-Z])/g, '$1 $2');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function sizesOf(data: unknown): unknown {
  return Object.fromEntries(
    Object.entries((data ?? {}) as Readonly<Record<string, string>>).map(([key, value]) => [
      key,
      `${Buffer.from(value, 'base64').length} bytes`,
    ]),
  );
}

async function eventLines(client: ApiClient, object: Described): Promise<readonly string[]> {
  const events = await client.json<{ readonly items: readonly EventItem[] }>({
    path:
      object.metadata.namespace === undefined
        ? '/api/v1/events'
        : `/api/v1/namespaces/${object.metadata.namespace}/events`,
    query: { fieldSelector: `involvedObject.uid=${object.metadata.uid}` },
  });
  if (events.items.length === 0) return ['Events: <none>'];
  const rows = events.items.map((event) => [
    event.type ?? '',
    event.reason ?? '',
    `${event.lastTimestamp ?? ''}${(event.count ?? 1) > 1 ? ` (x${event.count})` : ''}`,
    event.source?.component ?? '',
    event.message ?? '',
  ]);
  return [
    'Events:',
    ...formatTable([['TYPE', 'REASON', 'LAST SEEN', 'FROM', 'MESSAGE'], ...rows]).map((line) => `  ${line}`),
  ];
}
