import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '@berth/world';
import { ApiClient } from '../client/api-client.ts';
import { loadKubeconfig } from '../client/kubeconfig.ts';
import { createToken } from '../commands/token.ts';
import type { Steps } from '../terminal/steps.ts';
import type { ClusterPlan, HostPlan } from './cluster-plan.ts';
import { type ClusterState, type DevFolder, writeState } from './cluster-state.ts';
import type { Fleet } from './fleet.ts';
import { type LaunchedProcess, launch } from './launched-process.ts';
import { berthMain } from './local-fleet.ts';
import {
  agentArguments,
  apiPort,
  apiUrl,
  type Joining,
  nodesOf,
  serverArguments,
  serversOf,
} from './process-arguments.ts';
import { waitFor } from './waiting.ts';

const startTimeoutMs = 60_000;
const joinTokenTtlSeconds = 3_600;

export interface BringUp {
  readonly plan: ClusterPlan;
  readonly folder: DevFolder;
  readonly fleet: Fleet;
  readonly steps: Steps;
  readonly world: World;
  /** Loopback port of the front door; 0 lets the kernel choose. */
  readonly frontDoorPort: number;
}

/**
 * Starts servers, front door and agents and waits until every node is Ready. Data left by an earlier cluster of the same
 * plan is taken up again. What was started is written down at once, so that `down` finds it also after a failure.
 */
export async function bringUp(options: BringUp): Promise<ClusterState> {
  const { fleet, plan, steps } = options;
  const [first, ...others] = serversOf(plan);
  if (first === undefined) throw new Error('a cluster needs a server');
  const start = new Start(options);
  await fleet.prepare(steps);
  const admin = await steps.run(`${first.name} in data center ${first.dataCenter}`, async () => {
    await start.server(first, undefined);
    // Servers that have been members before are needed for a quorum.
    for (const server of others) if (start.hasData(server)) await start.server(server, undefined);
    return adminAccess(options, start, first);
  });
  using client = new ApiClient(admin.access);
  await steps.run('front door on loopback', async () => start.frontDoor(await openDoor(options, admin)));
  await Promise.all([
    steps.run(`${others.length} more servers join`, async () => {
      const joining = await joiningFor(client, 'server', [apiUrl(first)]);
      for (const server of others) if (!start.hasData(server)) await start.server(server, joining);
      for (const server of others) await untilServerReady(options, start, server, admin.ca);
    }),
    steps.run(`${nodesOf(plan).length} nodes join`, async (progress) => {
      const joining = await joiningFor(client, 'agent', [apiUrl(first)]);
      await Promise.all(nodesOf(plan).map((node) => start.agent(node, start.hasData(node) ? undefined : joining)));
      await fleet.nodesKnown(await untilNodesReady(options, client, progress));
    }),
  ]);
  return start.state;
}

/** Starts processes and writes down at once what was started. */
class Start {
  state: ClusterState;
  readonly #options: BringUp;
  readonly #withData: ReadonlySet<string>;

  constructor(options: BringUp) {
    this.#options = options;
    // Asked before anything is started, since a process makes its directory at once.
    this.#withData = new Set(
      options.plan.hosts.filter((host) => existsSync(options.folder.dataOf(host.name))).map((host) => host.name),
    );
    this.state = { version: 1, plan: options.plan, frontDoor: undefined, processes: {}, demoUrl: undefined };
    writeState(options.folder, this.state);
  }

  /** Whether this host was a member before and needs no token. */
  hasData(host: HostPlan): boolean {
    return this.#withData.has(host.name);
  }

  async server(host: HostPlan, joining: Joining | undefined): Promise<void> {
    const { fleet, folder, plan } = this.#options;
    await this.#launched(host, fleet.launch(host, serverArguments(plan, host, folder.dataOf(host.name), joining)));
  }

  async agent(host: HostPlan, joining: Joining | undefined): Promise<void> {
    const { fleet, folder, plan } = this.#options;
    const args = agentArguments(plan, host, folder.dataOf(host.name), fleet.engineSocket(host), joining);
    await this.#launched(host, fleet.launch(host, args));
  }

  process(host: HostPlan): { readonly launched: LaunchedProcess; readonly logFile: string } {
    const launched = this.state.processes[host.name];
    if (launched === undefined) throw new Error(`${host.name} was not started`);
    return { launched, logFile: this.#options.folder.logOf(host.name) };
  }

  frontDoor(frontDoor: { readonly port: number; readonly process: LaunchedProcess }): void {
    this.#keep({ ...this.state, frontDoor });
  }

  async #launched(host: HostPlan, launching: Promise<LaunchedProcess>): Promise<void> {
    const launched = await launching;
    this.#keep({ ...this.state, processes: { ...this.state.processes, [host.name]: launched } });
  }

  #keep(state: ClusterState): void {
    this.state = state;
    writeState(this.#options.folder, state);
  }
}

interface AdminAccess {
  readonly access: ReturnType<typeof loadKubeconfig>;
  readonly kubeconfig: string;
  readonly ca: string;
}

/** Waits until the first server has made its CA, and with it the administrator's certificate. */
async function adminAccess(options: BringUp, start: Start, first: HostPlan): Promise<AdminAccess> {
  const { folder, world } = options;
  const kubeconfig = join(folder.dataOf(first.name), 'admin.kubeconfig');
  return waitFor(
    world,
    { what: `${first.name} answers`, timeoutMs: startTimeoutMs, process: start.process(first) },
    async () => {
      if (!existsSync(kubeconfig)) return undefined;
      const access = { ...loadKubeconfig(kubeconfig), server: apiUrl(first) };
      using client = new ApiClient(access);
      await client.open({ path: '/readyz', accept: '*/*' }).then((response) => response.resume());
      return { access, kubeconfig, ca: access.ca ?? '' };
    },
  );
}

async function joiningFor(client: ApiClient, role: 'server' | 'agent', urls: readonly string[]): Promise<Joining> {
  const { token } = await createToken(client, { role, ttlSeconds: joinTokenTtlSeconds, description: 'local cluster' });
  return { token, urls };
}

async function untilServerReady(options: BringUp, start: Start, server: HostPlan, ca: string): Promise<void> {
  using client = new ApiClient({
    server: apiUrl(server),
    ca,
    clientCertificate: undefined,
    clientKey: undefined,
    token: undefined,
    namespace: 'default',
  });
  await waitFor(
    options.world,
    { what: `${server.name} joins`, timeoutMs: startTimeoutMs, process: start.process(server) },
    async () => {
      const response = await client.open({ path: '/readyz', accept: '*/*' });
      response.resume();
      return true;
    },
  );
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly podCIDR?: string };
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

/** The pod CIDR of every node, once all are Ready. */
async function untilNodesReady(
  options: BringUp,
  client: ApiClient,
  progress: (note: string) => void,
): Promise<Readonly<Record<string, string>>> {
  const wanted = nodesOf(options.plan).length;
  return waitFor(options.world, { what: 'all nodes are Ready', timeoutMs: startTimeoutMs }, async () => {
    const { items } = await client.json<NodeList>({ path: '/api/v1/nodes' });
    const ready = items.filter((node) =>
      node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
    );
    progress(`${ready.length} of ${wanted} Ready`);
    if (ready.length < wanted) return undefined;
    return Object.fromEntries(
      ready.flatMap(({ metadata, spec }) => (spec.podCIDR === undefined ? [] : [[metadata.name, spec.podCIDR]])),
    );
  });
}

/** Starts the front door as a process of its own and writes the kubeconfig that leads through it. */
async function openDoor(
  options: BringUp,
  admin: AdminAccess,
): Promise<{ readonly port: number; readonly process: LaunchedProcess }> {
  const { folder, plan, world } = options;
  const caFile = join(folder.path, 'ca.crt');
  const portFile = join(folder.path, 'front-door.port');
  writeFileSync(caFile, admin.ca);
  writeFileSync(portFile, '');
  const servers = serversOf(plan).flatMap((server) => ['--server', `${server.address}:${apiPort}`]);
  const launched = launch({
    program: process.execPath,
    args: [
      berthMain,
      'dev',
      'front-door',
      '--port',
      String(options.frontDoorPort),
      '--ca',
      caFile,
      '--port-file',
      portFile,
      ...servers,
    ],
    logFile: folder.logOf('front-door'),
  });
  const awaited = {
    what: 'the front door opens',
    timeoutMs: startTimeoutMs,
    process: { launched, logFile: folder.logOf('front-door') },
  };
  const port = await waitFor(world, awaited, async () => Number(readFileSync(portFile, 'utf8')) || undefined);
  const server = `https://127.0.0.1:${port}`;
  const kubeconfig = readFileSync(admin.kubeconfig, 'utf8').replace(/^(\s*server:).*$/m, `$1 ${server}`);
  writeFileSync(folder.kubeconfig, kubeconfig, { mode: 0o600 });
  return { port, process: launched };
}
