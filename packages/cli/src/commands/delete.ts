import { type ApiClient, ApiFailure } from '../client/api-client.ts';
import { lines } from '../client/lines.ts';
import { loadManifests } from '../client/manifests.ts';
import { discover, pathOf, type ResourceInfo, resolveResources, resourceOfKind } from '../client/resources.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface DeleteOptions {
  readonly namespace?: string;
  readonly filename?: readonly string[];
  readonly selector?: string;
  readonly wait: boolean;
  readonly ignoreNotFound?: boolean;
  readonly gracePeriod?: number;
}

interface Target {
  readonly resource: ResourceInfo;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** `berth delete TYPE NAME…`, `-l SELECTOR` or `-f FILE`; returns once the objects are gone, unless told not to wait. */
export async function deleteObjects(
  client: ApiClient,
  terminal: Terminal,
  type: string | undefined,
  names: readonly string[],
  options: DeleteOptions,
): Promise<number> {
  const targets = await findTargets(client, type, names, options);
  let exitCode = 0;
  for (const target of targets) {
    try {
      const answer = await client.json<{ readonly metadata?: { readonly uid?: string } }>({
        method: 'DELETE',
        path: pathOf(target.resource, target.namespace, target.name),
        body: {
          propagationPolicy: 'Background',
          ...(options.gracePeriod === undefined ? {} : { gracePeriodSeconds: options.gracePeriod }),
        },
      });
      terminal.line(`${target.resource.singular} "${target.name}" deleted`);
      if (options.wait) await waitUntilGone(client, target, answer.metadata?.uid);
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.code !== 404) throw error;
      if (options.ignoreNotFound === true) continue;
      terminal.error(`Error from server (${error.reason}): ${error.message}`);
      exitCode = 1;
    }
  }
  return exitCode;
}

async function findTargets(
  client: ApiClient,
  type: string | undefined,
  names: readonly string[],
  options: DeleteOptions,
): Promise<readonly Target[]> {
  const known = await discover(client);
  if (options.filename !== undefined) {
    const manifests = await loadManifests(options.filename);
    return manifests.map(({ object }) => {
      const resource = resourceOfKind(known, object.apiVersion, object.kind);
      const namespace = resource.namespaced
        ? (options.namespace ?? object.metadata.namespace ?? client.namespace)
        : undefined;
      return { resource, namespace, name: object.metadata.name };
    });
  }
  if (type === undefined) throw new Error('name what to delete: TYPE NAME, or -f FILE');
  const [slashType, slashName] = type.split('/');
  const wanted = slashName === undefined ? names : [slashName];
  const targets: Target[] = [];
  for (const resource of resolveResources(known, slashType ?? type)) {
    const namespace = resource.namespaced ? (options.namespace ?? client.namespace) : undefined;
    for (const name of wanted) targets.push({ resource, namespace, name });
    if (options.selector !== undefined) {
      const list = await client.json<{ readonly items: readonly { readonly metadata: { readonly name: string } }[] }>({
        path: pathOf(resource, namespace),
        query: { labelSelector: options.selector },
      });
      for (const item of list.items) targets.push({ resource, namespace, name: item.metadata.name });
    }
  }
  if (wanted.length === 0 && options.selector === undefined)
    throw new Error(`name what to delete: ${type} NAME, or -l SELECTOR`);
  return targets;
}

/** Gone means: not found, or another object by this name. */
async function waitUntilGone(client: ApiClient, target: Target, uid: string | undefined): Promise<void> {
  const path = pathOf(target.resource, target.namespace);
  const fieldSelector = `metadata.name=${target.name}`;
  const list = await client.json<{
    readonly metadata: { readonly resourceVersion: string };
    readonly items: readonly { readonly metadata: { readonly uid: string } }[];
  }>({ path, query: { fieldSelector } });
  const [item] = list.items;
  if (item === undefined || (uid !== undefined && item.metadata.uid !== uid)) return;
  const stream = await client.open({
    path,
    query: { fieldSelector, watch: true, resourceVersion: list.metadata.resourceVersion },
  });
  for await (const line of lines(stream)) {
    if ((JSON.parse(line) as { readonly type: string }).type === 'DELETED') break;
  }
  stream.destroy();
}
