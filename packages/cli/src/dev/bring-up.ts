import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '@berth/world';
import { ApiClient } from '../client/api-client.ts';
import { type ClusterAccess, loadKubeconfig } from '../client/kubeconfig.ts';
import { createToken } from '../commands/token.ts';
import type { Steps } from '../terminal/steps.ts';
import { allOrAbort } from './all-or-abort.ts';
import { type ClusterPlan, type HostPlan, nodesOf, serversOf } from './cluster-plan.ts';
import { ClusterStart } from './cluster-start.ts';
import type { ClusterState, DevFolder } from './cluster-state.ts';
import { adminKubeconfig } from './data-directory.ts';
import type { Fleet } from './fleet.ts';
import { launchFrontDoor, usualPort } from './front-door-process.ts';
import { apiUrl, type Joining } from './process-arguments.ts';
import { waitFor } from './waiting.ts';

const startTimeoutMs = 60_000;
const joinTokenTtlSeconds = 3_600;
const probeTimeoutMs = 2_000;

export interface BringUp {
  readonly plan: ClusterPlan;
  readonly folder: DevFolder;
  readonly fleet: Fleet;
  readonly steps: Steps;
  readonly world: World;
  /** Loopback port of the front door; undefined: the usual one, or another when that is taken. */
  readonly frontDoorPort: number | undefined;
  /** Of a cluster that ran here before, or of which a part still runs. */
  readonly before: ClusterState | undefined;
  /** What is to be done once all nodes are Ready, while servers may still be joining. */
  onNodesReady(client: ApiClient, signal: AbortSignal): Promise<void>;
}

/** A part of it, which ends when another part has failed. */
interface Part extends BringUp {
  readonly signal: AbortSignal;
}

/**
 * Starts servers, front door and agents on a prepared fleet, and waits until every node is Ready. What runs is left alone; data of an
 * earlier start is taken up again. What was started is written down at once, so that `down` finds it also after a failure.
 */
export async function bringUp(options: BringUp): Promise<ClusterState> {
  const { plan, steps } = options;
  const start = new ClusterStart(options);
  const servers = serversOf(plan);
  // Servers that were members before need no token, and are needed for a quorum; a new cluster is founded by its first server.
  const members = servers.filter((server) => start.isMember(server));
  const founders = members.length > 0 ? members : servers.slice(0, 1);
  const newcomers = servers.filter((server) => !founders.includes(server));
  const admin = await steps.run(`${founders.map(({ name }) => name).join(', ')} of the control plane`, async () => {
    for (const server of founders) await start.host(server, undefined);
    const answering = await adminAccess(options, start, founders);
    await Promise.all(founders.map((server) => untilReady(options, start, server, answering.access)));
    return answering;
  });
  using client = new ApiClient(admin.access);
  const joining = (role: 'server' | 'agent'): Promise<Joining> =>
    joiningBy(options, client, role, founders.map(apiUrl));
  try {
    await allOrAbort((signal) => [
      joinServers({ ...options, signal }, start, newcomers, joining, admin.access),
      joinNodes({ ...options, signal }, start, joining, client).then(() => options.onNodesReady(client, signal)),
      openFrontDoor(options, start, admin),
    ]);
  } finally {
    for (const role of ['server', 'agent'] as const) rmSync(options.folder.tokenOf(role), { force: true });
  }
  return start.state;
}

async function joiningBy(
  { folder }: BringUp,
  client: ApiClient,
  role: 'server' | 'agent',
  urls: readonly string[],
): Promise<Joining> {
  const { token } = await createToken(client, { role, ttlSeconds: joinTokenTtlSeconds, description: 'local cluster' });
  const tokenFile = folder.tokenOf(role);
  writeFileSync(tokenFile, token, { mode: 0o600 });
  return { tokenFile, urls };
}

interface AdminAccess {
  readonly access: ClusterAccess;
  readonly kubeconfig: string;
}

/** Waits until a server leads, or follows one that does; before that it has made its CA, and with it the administrator's certificate. */
async function adminAccess(
  { folder, world }: BringUp,
  start: ClusterStart,
  founders: readonly HostPlan[],
): Promise<AdminAccess> {
  const awaited = {
    what: `${founders.map(({ name }) => name).join(' or ')} answers`,
    timeoutMs: startTimeoutMs,
    processes: founders.map((server) => start.process(server)),
  };
  let turn = 0;
  return waitFor(world, awaited, async () => {
    const server = founders[turn++ % founders.length];
    if (server === undefined) return undefined;
    const kubeconfig = adminKubeconfig(folder.dataOf(server.name));
    if (!existsSync(kubeconfig)) return undefined;
    const access = { ...loadKubeconfig(kubeconfig), server: apiUrl(server) };
    await isReady(access);
    return { access, kubeconfig };
  });
}

type JoiningFor = (role: 'server' | 'agent') => Promise<Joining>;

async function joinServers(
  options: Part,
  start: ClusterStart,
  newcomers: readonly HostPlan[],
  joiningFor: JoiningFor,
  access: ClusterAccess,
): Promise<void> {
  if (newcomers.length === 0) return;
  await options.steps.run(`${newcomers.length} more servers join`, async () => {
    const joining = await joiningFor('server');
    for (const server of newcomers) await start.host(server, joining);
    await Promise.all(newcomers.map((server) => untilReady(options, start, server, access)));
  });
}

async function untilReady(
  { signal, world }: BringUp & Partial<Part>,
  start: ClusterStart,
  server: HostPlan,
  access: ClusterAccess,
): Promise<void> {
  const processes = [start.process(server)];
  const awaited = { what: `${server.name} is ready`, timeoutMs: startTimeoutMs, processes, signal };
  await waitFor(world, awaited, () => isReady({ ...access, server: apiUrl(server) }));
}

/** Rejects when it is not. */
async function isReady(access: ClusterAccess): Promise<true> {
  using client = new ApiClient(access);
  await client.text({ path: '/readyz', accept: '*/*', signal: AbortSignal.timeout(probeTimeoutMs) });
  return true;
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly podCIDR?: string };
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

/** Starts the agents, and tells the fleet the pod networks of their nodes once all are Ready. */
async function joinNodes(
  { fleet, plan, signal, steps, world }: Part,
  start: ClusterStart,
  joiningFor: JoiningFor,
  client: ApiClient,
): Promise<void> {
  const nodes = nodesOf(plan);
  await steps.run(`${nodes.length} nodes join`, async (progress) => {
    const joining = nodes.every((node) => start.isMember(node)) ? undefined : await joiningFor('agent');
    for (const node of nodes) await start.host(node, joining);
    const awaited = {
      what: 'all nodes are Ready',
      timeoutMs: startTimeoutMs,
      processes: nodes.map((node) => start.process(node)),
      signal,
    };
    const podCidrs = await waitFor(world, awaited, async () => {
      const { items } = await client.json<NodeList>({ path: '/api/v1/nodes' });
      const ready = items.filter(({ status }) =>
        status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
      );
      progress(`${ready.length} of ${nodes.length} Ready`);
      if (ready.length < nodes.length) return undefined;
      return Object.fromEntries(
        ready.flatMap(({ metadata, spec }) => (spec.podCIDR === undefined ? [] : [[metadata.name, spec.podCIDR]])),
      );
    });
    await fleet.nodesKnown(podCidrs);
  });
}

/** Opens the front door and writes the kubeconfig that leads through it. */
async function openFrontDoor(
  { folder, frontDoorPort, plan, steps, world }: BringUp,
  start: ClusterStart,
  { access, kubeconfig }: AdminAccess,
): Promise<void> {
  if (start.frontDoorIsOpen) return;
  await steps.run('front door on loopback', async (progress) => {
    const caFile = join(folder.path, 'ca.crt');
    writeFileSync(caFile, access.ca ?? '');
    const frontDoor = await launchFrontDoor({ folder, world, caFile, port: frontDoorPort, servers: serversOf(plan) });
    start.noteFrontDoor(frontDoor);
    if (frontDoor.port !== (frontDoorPort ?? usualPort)) progress(`port ${frontDoor.port}`);
    const server = `https://127.0.0.1:${frontDoor.port}`;
    const text = readFileSync(kubeconfig, 'utf8').replace(/^(\s*server:).*$/m, `$1 ${server}`);
    writeFileSync(folder.kubeconfig, text, { mode: 0o600 });
  });
}
