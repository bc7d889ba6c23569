import { pipeline } from 'node:stream/promises';
import type { LabelSelector } from '@berth/api';
import type { ApiClient } from '../client/api-client.ts';
import { discover, pathOf, resolveResource } from '../client/resources.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface LogsOptions {
  readonly namespace?: string;
  readonly container?: string;
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly timestamps?: boolean;
  /** Lines from the end. */
  readonly tail?: number;
  /** Seconds. */
  readonly since?: number;
}

interface PodOwner {
  readonly spec?: { readonly selector?: LabelSelector };
}

interface PodList {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

/** `berth logs POD` or `berth logs deployment/NAME` (the first of its pods). Bytes go out as they come. */
export async function logs(
  client: ApiClient,
  terminal: Terminal,
  target: string,
  options: LogsOptions,
): Promise<number> {
  const namespace = options.namespace ?? client.namespace;
  const pod = await podOf(client, terminal, namespace, target);
  const stream = await client.open({
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log`,
    accept: '*/*',
    query: {
      container: options.container,
      follow: options.follow,
      previous: options.previous,
      timestamps: options.timestamps,
      tailLines: options.tail,
      sinceSeconds: options.since,
    },
  });
  await pipeline(stream, terminal.output, { end: false });
  return 0;
}

async function podOf(client: ApiClient, terminal: Terminal, namespace: string, target: string): Promise<string> {
  const [type, name, more] = target.split('/');
  if (name === undefined) return target;
  if (name === '' || more !== undefined) throw new Error(`name a pod as NAME or TYPE/NAME, got "${target}"`);
  const resource = resolveResource(await discover(client), type ?? '');
  if (resource.plural === 'pods') return name;
  const owner = await client.json<PodOwner>({ path: pathOf(resource, namespace, name) });
  const selector = owner.spec?.selector;
  if (selector?.matchLabels === undefined && selector?.matchExpressions === undefined)
    throw new Error(`${resource.plural} select no pods: name a pod, a deployment or a replicaset`);
  const { items } = await client.json<PodList>({
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`,
    query: { labelSelector: selectorText(selector) },
  });
  const [first] = items;
  if (first === undefined) throw new Error(`${target} has no pods in namespace ${namespace}`);
  if (items.length > 1) terminal.error(`Found ${items.length} pods, using pod/${first.metadata.name}`);
  return first.metadata.name;
}

function selectorText({ matchExpressions = [], matchLabels = {} }: LabelSelector): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const others = matchExpressions.map(({ key, operator, values = [] }) => {
    switch (operator) {
      case 'Exists':
        return key;
      case 'DoesNotExist':
        return `!${key}`;
      default:
        return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`;
    }
  });
  return [...equal, ...others].join(',');
}
