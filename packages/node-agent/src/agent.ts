import { realWorld, type World } from '@berth/world';
import type { AgentOptions } from './agent-options.ts';
import { keepCertificateFresh, renew } from './identity/certificate-renewal.ts';
import { type JoinOptions, joinCluster } from './identity/join-cluster.ts';
import { IdentityFiles, type KnownServer, type NodeIdentity } from './identity/node-identity.ts';
import type { Log } from './logging/log.ts';
import { processLog } from './logging/process-log.ts';
import { type Machine, openMachine } from './machine.ts';
import { agentMetrics } from './metrics/agent-metrics.ts';
import { MetricsServer } from './metrics/metrics-server.ts';
import { bridgeName } from './network/interface-names.ts';
import { addNodeAddress } from './network/node-bridge.ts';
import { addressTowards } from './network/own-address.ts';
import { describeNode } from './node/node-facts.ts';
import type { NodeFacts } from './node/node-status.ts';
import { writeNodeRecord } from './node-record.ts';
import { type NodeWork, openNodeWork } from './node-work.ts';
import type { NodeScope } from './pod/container-identity.ts';
import { ensureSandboxImage } from './sandbox/sandbox-image.ts';
import { openServerLink, type ServerLink } from './server-link.ts';
import { ServerBook } from './session/server-book.ts';
import { ServerSearch } from './session/server-search.ts';

/** A running agent. Disposing of it stops the agent alone: containers and services of the node go on. */
export interface Agent extends AsyncDisposable {
  readonly nodeName: string;
  readonly clusterId: string;
  /** Of the metrics listener; undefined without one. */
  readonly metricsPort: number | undefined;
  /** What keeps the agent from being ready, one sentence each; empty when it is. */
  notReady(): readonly string[];
}

/** Starts the agent of a node; resolves when it works, which includes having joined. Rejects when it cannot, with nothing left running. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const world = options.world ?? realWorld;
  const log = processLog({ level: options.logLevel, nodeName: options.name });
  await using starting = new AsyncDisposableStack();
  const stop = new AbortController();
  starting.defer(() => stop.abort());

  const files = new IdentityFiles(options.dataDir);
  const member = await becomeMember(options, { files, world, log, signal: stop.signal });
  const servers = starting.use(await ServerBook.open(files, member.current.servers, log));
  const machine = await openMachine(options, world, log, stop.signal);
  const { nodeName, clusterId } = member.current;
  const scope = { clusterId, nodeName };
  const facts = await settleIn(options, machine, scope, member.current);
  const sandboxImage = await ensureSandboxImage(machine.engine, machine.engineInfo.architecture);

  const late: { work?: NodeWork; link?: ServerLink } = {};
  const metrics = agentMetrics({
    pods: () => late.work?.gauges.pods() ?? 0,
    containers: () => late.work?.gauges.containers() ?? 0,
    engineAnswers: () => late.work?.gauges.engineAnswers() ?? false,
    connected: () => late.link?.connected ?? false,
    reportsWaiting: () => late.work?.reports.depth ?? 0,
  });
  const identity = member.current;
  const work = starting.use(
    await openNodeWork({ options, machine, identity, scope, facts, sandboxImage, metrics, world, log }),
  );
  const keeper = starting.use(keepIdentity(options, { member, files, servers, world, log }));
  const onUnreachable = () => keeper.search.begin();
  const link = starting.use(
    openServerLink({ identity: () => member.current, servers, onUnreachable, facts, work, world, log }),
  );
  Object.assign(late, { work, link });
  const notReady = () => [...work.notReady(), ...link.notReady()];
  const metricsServer =
    options.metricsListen === undefined
      ? undefined
      : starting.use(await MetricsServer.open({ listen: options.metricsListen, registry: metrics.registry, notReady }));

  const running = starting.move();
  log.info({ cluster: clusterId, nodeIp: facts.addresses[0] }, 'agent started');
  const dispose = async () => {
    stop.abort();
    await running.disposeAsync();
  };
  return { nodeName, clusterId, metricsPort: metricsServer?.port, notReady, [Symbol.asyncDispose]: dispose };
}

/** Who this node is; replaced when its certificate is renewed. */
interface Member {
  current: NodeIdentity;
}

/** The identity of before, or a new one by joining. */
async function becomeMember(
  { name: nodeName, dataDir, servers, token }: AgentOptions,
  means: Pick<JoinOptions, 'files' | 'world' | 'log' | 'signal'>,
): Promise<Member> {
  const { files } = means;
  const known = await files.load();
  if (known !== undefined && known.nodeName !== nodeName) {
    throw new Error(`the data directory ${dataDir} belongs to node ${known.nodeName}, not to ${nodeName}`);
  }
  if (known !== undefined) return { current: known };
  if (token === undefined) {
    throw new Error(
      `node ${nodeName} has not joined a cluster yet: give --server and --token (made by \`berth token create\`)`,
    );
  }
  return { current: await joinCluster({ nodeName, servers, token, ...means }) };
}

/** Leaves a note for the clean-up, takes the node's address, and looks at the machine. */
async function settleIn(
  options: AgentOptions,
  machine: Machine,
  scope: NodeScope,
  identity: NodeIdentity,
): Promise<NodeFacts> {
  const { dataDir, runtimeDir, engineSocket, machinePid, nodeIp } = options;
  const seenThrough = machinePid === undefined ? {} : { machinePid };
  await writeNodeRecord(dataDir, { ...scope, runtimeDir, engineSocket, ...seenThrough });
  if (options.createNodeIp && nodeIp !== undefined) await addNodeAddress(machine.commands, bridgeName(scope), nodeIp);
  return describeNode(options, machine, nodeIp ?? (await addressTowards(serverHost(identity))));
}

interface IdentityMeans {
  readonly member: Member;
  readonly files: IdentityFiles;
  readonly servers: ServerBook;
  readonly world: World;
  readonly log: Log;
}

/** Keeps the certificate fresh; with the same request it asks the command line's servers when no other one answers. */
function keepIdentity(
  options: AgentOptions,
  { member, files, servers, world, log }: IdentityMeans,
): AsyncDisposable & { readonly search: ServerSearch } {
  const stop = new AbortController();
  const means = {
    identity: () => member.current,
    onRenewed: (renewed: NodeIdentity) => {
      member.current = renewed;
    },
    onServers: (known: readonly KnownServer[]) => servers.learn(known),
    files,
    world,
    log,
    signal: stop.signal,
  };
  const known = () => {
    const { current, former } = servers.list;
    return [...[...current, ...former].map(({ apiAddress }) => `https://${apiAddress}`), ...options.servers];
  };
  const keeping = keepCertificateFresh({ ...means, servers: known });
  const ask = (urls: readonly string[]) => renew(means, urls);
  const search = new ServerSearch({ urls: options.servers, book: servers, ask, world, log });
  return {
    search,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all([keeping, search[Symbol.asyncDispose]()]);
    },
  };
}

function serverHost({ servers }: NodeIdentity): string {
  const address = servers[0]?.apiAddress ?? '';
  return address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}
