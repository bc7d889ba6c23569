import { parentPort, workerData } from 'node:worker_threads';
import { ApiClient, ApiFailure, type ApiRequest } from '../../../../packages/cli/src/client/api-client.ts';
import { loadKubeconfig } from '../../../../packages/cli/src/client/kubeconfig.ts';
import { benchNode, benchPod } from './objects.ts';

/** What this thread is started with. It creates nodes and pods over HTTPS, tells when the nodes are there, and when all pods have one. */
export interface HollowClientData {
  readonly kubeconfig: string;
  readonly nodes: number;
  readonly pods: number;
}

export interface HollowTimes {
  readonly nodesMs: number;
  /** Until all pods were created. */
  readonly createdMs: number;
  /** From the first creation until all had a node. */
  readonly boundMs: number;
  readonly oversold: readonly string[];
}

const connections = 32;
const pollMs = 250;
const podsPath = '/api/v1/namespaces/default/pods';

interface PodList {
  readonly metadata: { readonly continue?: string };
  readonly items: readonly { readonly spec: { readonly nodeName?: string } }[];
}

async function inParallel(count: number, lanes: number, work: (at: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < count; at = next++) await work(at);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/**
 * A busy server may refuse for a moment, or close a connection that was idle: whoever writes many objects asks again. What is there
 * already was created by a try that was not answered.
 */
async function persist(client: ApiClient, wanted: ApiRequest): Promise<void> {
  for (;;) {
    try {
      await client.json(wanted);
      return;
    } catch (error) {
      if (!(error instanceof ApiFailure)) continue;
      if (error.reason === 'AlreadyExists') return;
      if (error.reason !== 'Conflict' && error.code !== 429) throw error;
    }
  }
}

/** Reads again where the connection was closed meanwhile. */
async function read<T>(client: ApiClient, wanted: ApiRequest): Promise<T> {
  for (;;) {
    try {
      return await client.json<T>(wanted);
    } catch (error) {
      if (error instanceof ApiFailure) throw error;
    }
  }
}

async function createNode(client: ApiClient, at: number): Promise<void> {
  const node = benchNode(`node-${at}`, at);
  await persist(client, { method: 'POST', path: '/api/v1/nodes', body: node });
  const contentType = 'application/merge-patch+json';
  const body = { status: node.status };
  await persist(client, { method: 'PATCH', path: `/api/v1/nodes/node-${at}/status`, contentType, body });
}

/** Nodes without an agent count as lost: the pods do not mind. */
async function createPod(client: ApiClient, at: number): Promise<void> {
  const { metadata, spec } = benchPod(`pod-${at}`);
  const containers = spec.containers.map((container) => ({ ...container, image: 'hollow' }));
  const body = {
    metadata: { name: metadata.name, labels: metadata.labels },
    spec: { containers, tolerations: [{ operator: 'Exists' }] },
  };
  await persist(client, { method: 'POST', path: podsPath, body });
}

async function boundCount(client: ApiClient): Promise<number> {
  const text = await client.text({ path: '/metrics', accept: '*/*' }).catch(() => '');
  return Number(/^berth_scheduler_bindings_total\{outcome="bound"\} (\d+)/m.exec(text)?.[1] ?? 0);
}

/** Counted from what the API says, not from what the scheduler thinks. */
async function oversoldNodes(client: ApiClient, pods: number): Promise<readonly string[]> {
  const perNode = new Map<string, number>();
  let bound = 0;
  let token: string | undefined;
  do {
    const page = await read<PodList>(client, { path: podsPath, query: { limit: 5_000, continue: token } });
    for (const { spec } of page.items) {
      if (spec.nodeName === undefined) continue;
      bound += 1;
      perNode.set(spec.nodeName, (perNode.get(spec.nodeName) ?? 0) + 1);
    }
    token = page.metadata.continue;
  } while (token !== undefined && token !== '');
  const full = [...perNode].filter(([, count]) => count > 40).map(([name, count]) => `${name} has ${count} of 40 pods`);
  return bound === pods ? full : [`${bound} of ${pods} pods have a node`, ...full];
}

async function run({ kubeconfig, nodes, pods }: HollowClientData): Promise<HollowTimes> {
  using client = new ApiClient(loadKubeconfig(kubeconfig));
  const start = performance.now();
  await inParallel(nodes, connections, (at) => createNode(client, at));
  const nodesMs = performance.now() - start;
  parentPort?.postMessage('nodes are there');
  const podsStart = performance.now();
  await inParallel(pods, connections, (at) => createPod(client, at));
  const createdMs = performance.now() - podsStart;
  while ((await boundCount(client)) < pods) await new Promise((resolve) => setTimeout(resolve, pollMs));
  const boundMs = performance.now() - podsStart;
  return { nodesMs, createdMs, boundMs, oversold: await oversoldNodes(client, pods) };
}

parentPort?.postMessage(await run(workerData as HollowClientData));
