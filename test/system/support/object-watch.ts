import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { Kubectl } from './kubectl.ts';
import { seconds } from './waiting.ts';

/** What every object of the API has. */
export interface ApiObject {
  readonly metadata: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

export interface WatchEvent<T extends ApiObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T;
}

export interface Collection {
  /** e.g. `pods` or `deployments.apps`. */
  readonly resource: string;
  /** Absent: cluster-scoped, or all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
}

export interface AwaitedObjects<T extends ApiObject> extends Collection {
  /** A sentence: what must become true. */
  readonly what: string;
  readonly withinMs: number;
  /** Sees all objects of the collection, oldest first; asked again after every change. */
  isSo(objects: readonly T[]): boolean;
}

const groups: Readonly<Record<string, string>> = { '': 'api/v1', apps: 'apis/apps/v1' };

/** URL path of a collection in the API. */
function collectionPath({ resource, namespace, labelSelector }: Collection, query = ''): string {
  const [plural = '', group = ''] = resource.split(/\.(.*)/);
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
  const selection = labelSelector === undefined ? '' : `labelSelector=${encodeURIComponent(labelSelector)}&`;
  return `/${groups[group] ?? `apis/${group}`}${scope}/${plural}?${selection}${query}`;
}

/**
 * Waits on a watch, so that the time of an event is not blurred by polling: `kubectl get --raw` of a stream that begins with the
 * present state. When time is up it tells what was seen last.
 */
export async function untilObjects<T extends ApiObject>(kubectl: Kubectl, awaited: AwaitedObjects<T>): Promise<T[]> {
  const { what, withinMs, isSo } = awaited;
  const deadline = performance.now() + withinMs;
  const state = new Map<string, T>();
  let said = '';
  for (;;) {
    const remainingMs = deadline - performance.now();
    if (remainingMs <= 0) break;
    const outcome = await followWatch<T>(kubectl, awaited, remainingMs, state, isSo);
    if (outcome === 'so') return [...state.values()];
    said = outcome;
    await pause(tryAgainAfterMs);
  }
  const seen = [...state.values()].map((object) => summary(object));
  throw new Error(`${what}: not within ${seconds(withinMs)}; ${said}last seen:\n${seen.join('\n')}`);
}

/** The present state, then every change; a bookmark stands between the two. */
const stateQuery = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
const tryAgainAfterMs = 100;

/** Follows one watch until the state is as wanted, the watch ends, or time is up. */
async function followWatch<T extends ApiObject>(
  kubectl: Kubectl,
  collection: Collection,
  limitMs: number,
  state: Map<string, T>,
  isSo: (objects: readonly T[]) => boolean,
): Promise<string> {
  await using watching = kubectl.start('get', '--raw', collectionPath(collection, stateQuery));
  state.clear();
  let complete = false;
  const isNow = new Promise<'so'>((resolve, reject) => {
    const take = lines((line) => {
      const event = JSON.parse(line) as WatchEvent<T>;
      if (event.type === 'BOOKMARK') complete = true;
      else if (event.type !== 'ERROR') keep(state, event);
      if (complete && isSo([...state.values()])) resolve('so');
    });
    watching.onOutput((chunk) => {
      try {
        take(chunk);
      } catch (error) {
        reject(error);
      }
    });
  });
  const timeUp = AbortSignal.timeout(Math.ceil(limitMs));
  const ended = watching.ended().then(() => `kubectl said ${watching.stderr.trim()}; `);
  const late = new Promise<string>((resolve) => timeUp.addEventListener('abort', () => resolve('')));
  // Awaited here: the watch is disposed of when this function returns.
  return await Promise.race([isNow, ended, late]);
}

function keep<T extends ApiObject>(state: Map<string, T>, { type, object }: WatchEvent<T>): void {
  const key = `${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`;
  if (type === 'DELETED') state.delete(key);
  else state.set(key, object);
}

/** Splits a stream into lines, whatever the chunks. */
export function lines(take: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) if (line !== '') take(line);
  };
}

function summary(
  object: ApiObject & { readonly status?: unknown; readonly spec?: { readonly nodeName?: string } },
): string {
  const { name, deletionTimestamp } = object.metadata;
  const going = deletionTimestamp === undefined ? '' : ' (being deleted)';
  const place = object.spec?.nodeName === undefined ? '' : ` on ${object.spec.nodeName}`;
  return `  ${name}${place}${going}: ${inspect(object.status, { depth: 5, breakLength: 160, compact: 6 })}`;
}
