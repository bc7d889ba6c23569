import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

/** A scheduler of one's own: places the pods that name it on the node with the most CPU left, over nothing but the API. */

interface Node {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly unschedulable?: boolean; readonly taints?: readonly { readonly effect: string }[] };
  readonly status?: { readonly allocatable?: Readonly<Record<string, string>> };
}

interface Pod {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
  readonly spec: {
    readonly schedulerName?: string;
    readonly nodeName?: string;
    readonly containers: readonly { readonly resources?: { readonly requests?: Readonly<Record<string, string>> } }[];
  };
  readonly status?: { readonly phase?: string };
}

/** Answers the code and the parsed body of one request. */
export type Call = (method: string, path: string, body?: unknown) => Promise<{ code: number; body: unknown }>;

/** Reads a kubeconfig with one cluster and one user, as `berth kubeconfig` prints it. */
export function connect(kubeconfig: string): Call {
  const text = readFileSync(kubeconfig, 'utf8');
  const field = (name: string): string => new RegExp(`${name}: *"?([^"\\s]+)`).exec(text)?.[1] ?? '';
  const pem = (name: string): string => Buffer.from(field(`${name}-data`), 'base64').toString();
  const agent = new Agent({
    keepAlive: true,
    ca: pem('certificate-authority'),
    cert: pem('client-certificate'),
    key: pem('client-key'),
  });
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      const sent = request(new URL(field('server') + path), { agent, method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ code: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) }),
        );
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
}

/** One pass over what waits; answers `namespace/name node` for each pod that was bound. */
export async function schedule(call: Call, schedulerName: string): Promise<readonly string[]> {
  const nodes = await list<Node>(call, '/api/v1/nodes');
  const pods = await list<Pod>(call, '/api/v1/pods');
  const free = new Map(nodes.filter(isOpen).map((node) => [node.metadata.name, millis(node.status?.allocatable)]));
  for (const pod of pods.filter(isRunning)) {
    const { nodeName = '' } = pod.spec;
    free.set(nodeName, (free.get(nodeName) ?? 0) - requested(pod));
  }
  const bound: string[] = [];
  for (const pod of pods.filter(({ spec }) => spec.schedulerName === schedulerName && (spec.nodeName ?? '') === '')) {
    const [node, left] = [...free].reduce((best, each) => (each[1] > best[1] ? each : best), ['', 0]);
    // Nothing is promised that is not there: the pod waits for the next pass.
    if (node === '' || left < requested(pod)) continue;
    const { name, namespace, uid } = pod.metadata;
    const { code } = await call('POST', `/api/v1/namespaces/${namespace}/pods/${name}/binding`, {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, uid },
      target: { kind: 'Node', name: node },
    });
    // Another scheduler was faster, or the pod is another one by now: what was seen is outdated, so the pass ends and looks again.
    if (code === 409 || code === 404) break;
    if (code !== 201) throw new Error(`binding ${namespace}/${name} was answered ${code}`);
    free.set(node, left - requested(pod));
    bound.push(`${namespace}/${name} ${node}`);
  }
  return bound;
}

async function list<T>(call: Call, path: string): Promise<readonly T[]> {
  const { code, body } = await call('GET', path);
  if (code !== 200) throw new Error(`GET ${path} was answered ${code}`);
  return (body as { readonly items: readonly T[] }).items;
}

function isOpen({ spec }: Node): boolean {
  return spec?.unschedulable !== true && !(spec?.taints ?? []).some(({ effect }) => effect !== 'PreferNoSchedule');
}

function isRunning({ spec, status }: Pod): boolean {
  return (spec.nodeName ?? '') !== '' && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

function requested({ spec }: Pod): number {
  return spec.containers.reduce((sum, { resources }) => sum + millis(resources?.requests), 0);
}

/** `2` and `2000m` are 2000. */
function millis(amounts: Readonly<Record<string, string>> | undefined): number {
  const text = amounts?.['cpu'] ?? '0';
  return text.endsWith('m') ? Number(text.slice(0, -1)) : 1000 * Number(text);
}

if (import.meta.main) {
  const [kubeconfig = '', schedulerName = 'most-room'] = process.argv.slice(2);
  for (const call = connect(kubeconfig); ; await sleep(1_000))
    for (const line of await schedule(call, schedulerName)) process.stdout.write(`${line}\n`);
}
