import { pipeline } from 'node:stream/promises';
import type { ApiClient } from '../client/api-client.ts';

export interface LogsOptions {
  readonly namespace?: string;
  readonly container?: string;
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly timestamps?: boolean;
  readonly tail?: number;
  readonly since?: number;
}

interface PodOwner {
  readonly spec?: { readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> } };
}

/** `berth logs POD` or `berth logs deployment/NAME` (its first pod). Bytes go to stdout as they come. */
export async function logs(client: ApiClient, target: string, options: LogsOptions): Promise<number> {
  const namespace = options.namespace ?? client.namespace;
  const pod = await podOf(client, namespace, target);
  const stream = await client.open({
    path: `/api/v1/namespaces/${namespace}/pods/${pod}/log`,
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
  await pipeline(stream, process.stdout, { end: false });
  return 0;
}

async function podOf(client: ApiClient, namespace: string, target: string): Promise<string> {
  const [type, name] = target.split('/');
  if (name === undefined) return target;
  if (type === 'pod' || type === 'pods' || type === 'po') return name;
  const plural = {
    deployment: 'deployments',
    deploy: 'deployments',
    deployments: 'deployments',
    rs: 'replicasets',
    replicaset: 'replicasets',
  }[type ?? ''];
  if (plural === undefined)
    throw new Error(`logs of "${type}" are not known: name a pod, a deployment or a replicaset`);
  const owner = await client.json<PodOwner>({ path: `/apis/apps/v1/namespaces/${namespace}/${plural}/${name}` });
  const labelSelector = Object.entries(owner.spec?.selector?.matchLabels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const pods = await client.json<{ readonly items: readonly { readonly metadata: { readonly name: string } }[] }>({
    path: `/api/v1/namespaces/${namespace}/pods`,
    query: { labelSelector },
  });
  const [first] = pods.items;
  if (first === undefined) throw new Error(`${target} has no pods in namespace ${namespace}`);
  return first.metadata.name;
}
