import { type ApiClient, ApiFailure } from '../client/api-client.ts';
import { lines } from '../client/lines.ts';
import { loadManifests } from '../client/manifests.ts';
import { discover, pathOf, qualifiedName, selectionsOf, type Target, targetOf } from '../client/resources.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { failureLine } from './failure-line.ts';

export interface DeleteOptions {
  readonly namespace?: string;
  readonly filename?: readonly string[];
  readonly selector?: string;
  readonly all?: boolean;
  readonly wait: boolean;
  readonly ignoreNotFound?: boolean;
  /** Seconds. */
  readonly gracePeriod?: number;
}

/** The object when it stays for a while, else a Status that names it. */
interface DeleteAnswer {
  readonly metadata?: { readonly uid?: string };
  readonly details?: { readonly uid?: string };
}

interface Deleted {
  readonly target: Target;
  readonly uid: string | undefined;
}

/** `berth delete TYPE NAME…`, `-l SELECTOR`, `--all` or `-f FILE`; returns once the objects are gone, unless told not to wait. */
export async function deleteObjects(
  client: ApiClient,
  terminal: Terminal,
  words: readonly string[],
  options: DeleteOptions,
): Promise<number> {
  const deleted: Deleted[] = [];
  let exitCode = 0;
  for (const target of await findTargets(client, words, options)) {
    try {
      const answer = await client.json<DeleteAnswer>({
        method: 'DELETE',
        path: pathOf(target.resource, target.namespace, target.name),
        body: {
          propagationPolicy: 'Background',
          ...(options.gracePeriod === undefined ? {} : { gracePeriodSeconds: options.gracePeriod }),
        },
      });
      terminal.line(`${qualifiedName(target.resource)} "${target.name}" deleted`);
      deleted.push({ target, uid: answer.metadata?.uid ?? answer.details?.uid });
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      if (error.code === 404 && options.ignoreNotFound === true) continue;
      terminal.error(failureLine(error));
      exitCode = 1;
    }
  }
  if (options.wait) for (const { target, uid } of deleted) await waitUntilGone(client, target, uid);
  return exitCode;
}

async function findTargets(
  client: ApiClient,
  words: readonly string[],
  options: DeleteOptions,
): Promise<readonly Target[]> {
  const { all, filename, namespace: asked, selector } = options;
  if (filename !== undefined) {
    if (words.length > 0) throw new Error('name what to delete by -f FILE or by TYPE NAME, not by both');
    const manifests = await loadManifests(filename);
    const known = await discover(client);
    return manifests.map(({ object }) => targetOf(known, object, { asked, usual: client.namespace }));
  }
  if (words.length === 0) throw new Error('name what to delete: TYPE NAME, TYPE -l SELECTOR, TYPE --all, or -f FILE');
  const targets: Target[] = [];
  for (const { resource, names } of selectionsOf(await discover(client), words)) {
    const namespace = resource.namespaced ? (asked ?? client.namespace) : undefined;
    const isListed = selector !== undefined || all === true;
    if (isListed === names.length > 0) {
      throw new Error(`name which ${resource.plural} to delete: by NAME, by -l SELECTOR, or --all; one of these`);
    }
    const chosen = isListed ? await listedNames(client, pathOf(resource, namespace), selector) : names;
    targets.push(...chosen.map((name) => ({ resource, namespace, name })));
  }
  return targets;
}

interface NameList {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly { readonly metadata: { readonly name: string; readonly uid: string } }[];
}

async function listedNames(
  client: ApiClient,
  path: string,
  labelSelector: string | undefined,
): Promise<readonly string[]> {
  const { items } = await client.json<NameList>({ path, query: { labelSelector } });
  return items.map(({ metadata }) => metadata.name);
}

/** Gone means: not found, or another object by this name. A watch may end before that; then we look again. */
async function waitUntilGone(client: ApiClient, target: Target, uid: string | undefined): Promise<void> {
  const path = pathOf(target.resource, target.namespace);
  const fieldSelector = `metadata.name=${target.name}`;
  for (;;) {
    const { items, metadata } = await client.json<NameList>({ path, query: { fieldSelector } });
    const [item] = items;
    if (item === undefined || (uid !== undefined && item.metadata.uid !== uid)) return;
    const { resourceVersion } = metadata;
    const stream = await client.open({ path, query: { fieldSelector, watch: true, resourceVersion } });
    for await (const line of lines(stream)) {
      if ((JSON.parse(line) as { readonly type: string }).type === 'DELETED') break;
    }
    stream.destroy();
  }
}
