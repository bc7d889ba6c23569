import { formatAge } from '@berth/api';
import type { World } from '@berth/world';
import { type ApiClient, ApiFailure } from '../client/api-client.ts';
import { discover, pathOf, type ResourceInfo, selectionsOf } from '../client/resources.ts';
import { formatTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { failureLine } from './failure-line.ts';
import { outline } from './outline.ts';

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
  readonly eventTime?: string | null;
  readonly source?: { readonly component?: string };
}

/** For tools; a Secret's would give away what is secret. */
const hiddenAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** `berth describe`: everything an object says, as an indented outline, and what happened to it. */
export async function describe(
  client: ApiClient,
  terminal: Terminal,
  world: World,
  words: readonly string[],
  options: { readonly namespace?: string },
): Promise<number> {
  let exitCode = 0;
  let described = 0;
  for (const { resource, names } of selectionsOf(await discover(client), words)) {
    const namespace = resource.namespaced ? (options.namespace ?? client.namespace) : undefined;
    const wanted = names.length > 0 ? names : await allNames(client, pathOf(resource, namespace));
    for (const name of wanted) {
      try {
        const object = await client.json<Described>({ path: pathOf(resource, namespace, name) });
        if (described++ > 0) terminal.line('\n');
        for (const line of objectLines(resource, object)) terminal.line(line);
        for (const line of await eventLines(client, world, object)) terminal.line(line);
      } catch (error) {
        if (!(error instanceof ApiFailure) || error.code !== 404) throw error;
        terminal.error(failureLine(error));
        exitCode = 1;
      }
    }
  }
  return exitCode;
}

async function allNames(client: ApiClient, path: string): Promise<readonly string[]> {
  const { items } = await client.json<{ readonly items: readonly Described[] }>({ path });
  return items.map(({ metadata }) => metadata.name);
}

function objectLines(resource: ResourceInfo, object: Described): readonly string[] {
  const { metadata } = object;
  const { [hiddenAnnotation]: _hidden, ...annotations } = metadata.annotations ?? {};
  const owners = metadata.ownerReferences?.map(({ kind, name }) => `${kind}/${name}`).join(', ');
  const head: readonly (readonly [string, unknown])[] = [
    ['Name', metadata.name],
    ['Namespace', metadata.namespace],
    ['Labels', metadata.labels],
    ['Annotations', Object.keys(annotations).length === 0 ? undefined : annotations],
    ['Created', metadata.creationTimestamp],
    ['Being deleted since', metadata.deletionTimestamp],
    ['Controlled by', owners],
  ];
  const fields = Object.entries(object)
    .filter(([field]) => !['kind', 'apiVersion', 'metadata'].includes(field))
    .map(([field, value]) => [field, resource.kind === 'Secret' ? withoutSecrets(field, value) : value] as const);
  return [...head, ...fields].flatMap(([title, value]) => outline(title, value, 0));
}

/** Of secret data only the sizes are shown. */
function withoutSecrets(field: string, value: unknown): unknown {
  if (field !== 'data') return value;
  const data = (value ?? {}) as Readonly<Record<string, string>>;
  return Object.fromEntries(
    Object.entries(data).map(([key, text]) => [key, `${Buffer.from(text, 'base64').length} bytes`]),
  );
}

async function eventLines(client: ApiClient, world: World, { metadata }: Described): Promise<readonly string[]> {
  const events = await client.json<{ readonly items: readonly EventItem[] }>({
    path: metadata.namespace === undefined ? '/api/v1/events' : `/api/v1/namespaces/${metadata.namespace}/events`,
    query: { fieldSelector: `involvedObject.uid=${metadata.uid}` },
  });
  if (events.items.length === 0) return ['Events: <none>'];
  const lastSeen = (event: EventItem): string => event.lastTimestamp ?? event.eventTime ?? '';
  const rows = events.items
    .toSorted((a, b) => (lastSeen(a) < lastSeen(b) ? -1 : 1))
    .map((event) => {
      const age = lastSeen(event) === '' ? '<unknown>' : formatAge(lastSeen(event), world.clock.wallMs());
      const times = (event.count ?? 1) > 1 ? ` (x${event.count})` : '';
      return [event.type ?? '', event.reason ?? '', age + times, event.source?.component ?? '', event.message ?? ''];
    });
  const table = formatTable([['TYPE', 'REASON', 'AGE', 'FROM', 'MESSAGE'], ...rows]);
  return ['Events:', ...table.map((line) => `  ${line}`)];
}
