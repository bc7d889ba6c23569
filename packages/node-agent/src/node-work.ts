import type { World } from '@berth/world';
import type { AgentOptions } from './agent-options.ts';
import { ConfigStore } from './container/config-store.ts';
import { machineResolver } from './dns/machine-resolver.ts';
import type { NodeIdentity } from './identity/node-identity.ts';
import type { Log } from './logging/log.ts';
import type { Machine } from './machine.ts';
import { machinePodPorts } from './machine-pod-ports.ts';
import type { AgentGauges, AgentMetrics } from './metrics/agent-metrics.ts';
import { type NodeFacts, nodeStatus } from './node/node-status.ts';
import { NodeWatch } from './node/node-watch.ts';
import { NodeNetwork } from './node-network.ts';
import type { NodeScope } from './pod/container-identity.ts';
import { ContainerTable } from './pod/container-table.ts';
import { PodKeeper } from './pod/pod-keeper.ts';
import { MachineHealthChecker } from './probe/health-check.ts';
import { NodeProber } from './probe/node-prober.ts';
import { EventReports } from './session/event-reports.ts';
import { ReportQueue } from './session/report-queue.ts';
import { StatusReports } from './session/status-reports.ts';
import { MachinePodFiles } from './volume/pod-files.ts';

export interface NodeWorkOptions {
  readonly options: AgentOptions;
  readonly machine: Machine;
  readonly identity: NodeIdentity;
  readonly scope: NodeScope;
  readonly facts: NodeFacts;
  readonly sandboxImage: string;
  readonly metrics: Pick<AgentMetrics, 'podStartSeconds' | 'containerRestarts' | 'probes' | 'networkVersion'>;
  readonly world: World;
  readonly log: Log;
}

/** Everything that works on the machine, servers or no servers. */
export interface NodeWork extends AsyncDisposable {
  readonly machine: Machine;
  /** As the agent sees it. */
  readonly runtimeDir: string;
  readonly config: ConfigStore;
  readonly reports: ReportQueue;
  readonly network: NodeNetwork;
  readonly files: MachinePodFiles;
  readonly containers: ContainerTable;
  readonly keeper: PodKeeper;
  readonly watch: NodeWatch;
  readonly gauges: Pick<AgentGauges, 'pods' | 'containers' | 'engineAnswers'>;
  /** What keeps the node from being of use, one sentence each. */
  notReady(): readonly string[];
  /** Calls `wake` whenever there is something to report. */
  onReport(wake: () => void): void;
}

/** Resolves when the engine's containers are known. */
export async function openNodeWork(parts: NodeWorkOptions): Promise<NodeWork> {
  const { options, machine, scope, world, log } = parts;
  // The table is opened first, and tells of changes before the rest stands.
  const late: { work?: NodeWork } = {};
  const containers = await ContainerTable.open({
    engine: machine.engine,
    world,
    scope,
    log,
    onChange: (uid) => {
      late.work?.keeper.containersChanged(uid);
      late.work?.network.pods.containersChanged();
    },
    onHealth: (answers) => {
      late.work?.watch.engineAnswers(answers);
      if (answers) late.work?.keeper.retryAll();
    },
  });
  let wake = () => {};
  const reports = new ReportQueue(() => wake());
  const config = new ConfigStore();
  const network = openNetwork(parts, containers, reports, () => late.work?.keeper.networkChanged());
  const files = openFiles(parts, network, config);
  const { keeper, prober } = openPods(parts, { containers, config, network, files, reports });
  const watch = openWatch(parts, reports);
  const work: NodeWork = {
    machine,
    runtimeDir: machine.folders.own(options.runtimeDir),
    config,
    reports,
    network,
    files,
    containers,
    keeper,
    watch,
    gauges: {
      pods: () => keeper.size,
      containers: () => containers.existing().length,
      engineAnswers: () => watch.health.engineAnswers,
    },
    notReady: () => [
      ...(watch.health.engineAnswers ? [] : ['the container engine does not answer']),
      ...(network.isOpen ? [] : ["the node's network is not set up yet"]),
    ],
    onReport: (next) => {
      wake = next;
    },
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      prober[Symbol.dispose]();
      keeper[Symbol.dispose]();
      await network[Symbol.asyncDispose]();
      await containers[Symbol.asyncDispose]();
    },
  };
  late.work = work;
  await watch.look();
  return work;
}

function openNetwork(
  { machine, identity, scope, facts, metrics, world, log }: NodeWorkOptions,
  containers: ContainerTable,
  reports: ReportQueue,
  onChange: () => void,
): NodeNetwork {
  const [nodeIp = ''] = facts.addresses;
  return new NodeNetwork({
    machine,
    identity,
    scope,
    nodeIp,
    world,
    log,
    containers: () => containers.existing(),
    onApplied: (version) => {
      reports.networkApplied(version);
      metrics.networkVersion.set(version);
      onChange();
    },
  });
}

function openFiles({ machine, facts }: NodeWorkOptions, network: NodeNetwork, config: ConfigStore): MachinePodFiles {
  const { folders, mounts, commands } = machine;
  const { name: nodeName, addresses: hostIps, allocatable } = facts;
  return new MachinePodFiles({
    folders,
    mounts,
    // No file of a volume may tell the pod's address (core/v1 DownwardAPIVolumeFile).
    sources: { config, facts: { nodeName, hostIps, allocatable, podIp: '' } },
    cluster: () => network.resolver(),
    machineResolver: () => machineResolver(commands.filePrefix),
  });
}

interface PodParts {
  readonly containers: ContainerTable;
  readonly config: ConfigStore;
  readonly network: NodeNetwork;
  readonly files: MachinePodFiles;
  readonly reports: ReportQueue;
}

function openPods(
  parts: NodeWorkOptions,
  opened: PodParts,
): { readonly keeper: PodKeeper; readonly prober: NodeProber } {
  const { machine, facts, metrics, world } = parts;
  const { reports } = opened;
  const hostIps = () => facts.addresses;
  const events = new EventReports(reports);
  const checker = new MachineHealthChecker(machine.engine, world);
  const statuses = new StatusReports({
    reports,
    world,
    onStarted: (seconds) => metrics.podStartSeconds.observe(seconds),
  });
  const prober = new NodeProber({
    world,
    checker,
    events,
    hostIps,
    onReport: (uid, containerId, report) => keeper.probed(uid, containerId, report),
    onOutcome: (kind, ok) => metrics.probes.inc({ kind, outcome: ok ? 'success' : 'failure' }),
  });
  const keeper: PodKeeper = new PodKeeper({
    ports: machinePodPorts(parts, { ...opened, events, checker }),
    hostIps,
    onStatus: (pod, status) => statuses.status(pod, status),
    onGone: (uid, pod) => {
      prober.forget(uid);
      statuses.gone(uid, pod);
    },
    onPass: (situation) => prober.follow(situation),
  });
  return { keeper, prober };
}

function openWatch({ options, machine, facts, world }: NodeWorkOptions, reports: ReportQueue): NodeWatch {
  return new NodeWatch({
    engine: machine.engine,
    world,
    diskPath: machine.folders.own(options.dataDir),
    onChange: (health) => reports.nodeStatus({ status: Buffer.from(JSON.stringify(nodeStatus(facts, health))) }),
  });
}
