import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { parseServerOptions, type Server, startServer } from '@berth/control-plane';
import { ApiClient } from '../../../../packages/cli/src/client/api-client.ts';
import { loadKubeconfig } from '../../../../packages/cli/src/client/kubeconfig.ts';
import type { Benchmark, Measured } from '../benchmark.ts';
import type { HollowClientData, HollowTimes } from './hollow-client.ts';
import { benchNodes, benchPods } from './objects.ts';
import { decideAll } from './session-run.ts';

/** Nobody speaks for hollow nodes; they are not to be given up while the benchmark runs. */
const forever = '24h';

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

async function startOne(folder: string): Promise<Server> {
  const [api, gateway, peer] = (await freePorts(3)).map((port) => `127.0.0.1:${port}`);
  const flags: Readonly<Record<string, string>> = {
    name: 'server-1',
    'data-dir': join(folder, 'data'),
    listen: api ?? '',
    'gateway-listen': gateway ?? '',
    'peer-listen': peer ?? '',
    'log-level': 'silent',
    // A block of 256 addresses for each node.
    'pod-cidr': '10.160.0.0/11',
    'node-loss-after': forever,
    'new-leader-grace': forever,
    'lost-pod-lifetime': forever,
  };
  const argv = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  return startServer(parseServerOptions(argv, { readFile: () => '' }));
}

/** Sum and count of a histogram. */
function histogram(text: string, name: string): { readonly sum: number; readonly count: number } {
  const value = (suffix: string): number => Number(new RegExp(`^${name}_${suffix} (\\S+)`, 'm').exec(text)?.[1] ?? 0);
  return { sum: value('sum'), count: value('count') };
}

/**
 * Hollow nodes and pods through the API of one real server with its durable store; the client is a thread of the same process. Pods per
 * second from the first creation to the last binding.
 */
async function endToEnd(nodes: number, pods: number): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-bench-'));
  try {
    await using server = await startOne(folder);
    await server.ready();
    const workerData: HollowClientData = { kubeconfig: server.kubeconfigPath, nodes, pods };
    const client = new Worker(new URL('./hollow-client.ts', import.meta.url), { workerData });
    await once(client, 'message');
    const idle = performance.eventLoopUtilization();
    const before = process.threadCpuUsage();
    const whole = process.cpuUsage();
    const [times] = (await once(client, 'message')) as [HollowTimes];
    const busy = performance.eventLoopUtilization(idle);
    const thread = process.threadCpuUsage(before);
    const all = process.cpuUsage(whole);
    const text = await metricsOf(server);
    const binding = histogram(text, 'berth_scheduler_binding_seconds');
    return {
      value: pods / (times.boundMs / 1000),
      note: [
        `scheduler alone ${schedulerAlone(nodes, pods)} pods/s`,
        `pods created at ${rate(pods, times.createdMs)}/s, nodes at ${rate(nodes, times.nodesMs)}/s`,
        `binding written after ${((1000 * binding.sum) / binding.count).toFixed(1)} ms`,
        `API thread busy ${Math.round(100 * busy.utilization)} %, ${perPod(thread, pods)} ms of processor per pod; whole process with client and disk ${perPod(all, pods)} ms`,
      ].join('; '),
      violations: times.oversold,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function perPod({ user, system }: NodeJS.CpuUsage, pods: number): string {
  return ((user + system) / 1000 / pods).toFixed(2);
}

async function metricsOf({ kubeconfigPath }: Server): Promise<string> {
  using client = new ApiClient(loadKubeconfig(kubeconfigPath));
  return await client.text({ path: '/metrics', accept: '*/*' });
}

function schedulerAlone(nodes: number, pods: number): string {
  const { decisions } = decideAll({ nodes: benchNodes(nodes), pending: benchPods(pods, 'plain') });
  return rate(pods, decisions.threadMs);
}

function rate(count: number, ms: number): string {
  return Math.round((count / ms) * 1000).toLocaleString('en');
}

export const endToEndRows: readonly Benchmark[] = [
  {
    id: 'end-to-end',
    what: '5k hollow nodes, 50k pods through API and store',
    unit: 'pods/s',
    better: 'higher',
    goal: 5_000,
    run: () => endToEnd(5_000, 50_000),
  },
  {
    id: 'end-to-end/tenth',
    what: '500 hollow nodes, 5k pods through API and store',
    unit: 'pods/s',
    better: 'higher',
    run: () => endToEnd(500, 5_000),
  },
];
