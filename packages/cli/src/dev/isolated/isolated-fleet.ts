import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '@berth/world';
import type { ClusterPlan, HostPlan } from '../cluster-plan.ts';
import type { DevFolder } from '../cluster-state.ts';
import type { Fleet } from '../fleet.ts';
import { type LaunchedProcess, launch, processOf } from '../launched-process.ts';
import { inLimitedParallel } from '../limited-parallel.ts';
import { berthProgram } from '../local-fleet.ts';
import { waitFor } from '../waiting.ts';
import { cgroupTree, untilEmpty } from './cgroup-tree.ts';
import { applyLinkRules, type LinkState, makeFabric, plugIn, removeFabric, routePods } from './fabric.ts';
import { bootHost, childrenOf, type HostFolders, initPid, killHost } from './isolated-host.ts';
import { startWan, stopWan } from './wan.ts';

/** Short, because paths of Unix sockets end at 107 bytes. */
const runRoot = '/run/berth-dev';
const diskRoot = '/var/lib/berth-dev';
const bootsAtATime = 3;

/** What survives between commands: the pods' networks and the links as they were set. */
interface FabricState {
  readonly podCidrs: Readonly<Record<string, string>>;
  readonly links: readonly LinkState[];
}

/** Every host has namespaces, a Docker Engine and a disk of its own; data centers are bridges with a router between them. */
export function isolatedFleet(plan: ClusterPlan, folder: DevFolder, world: World): Fleet {
  const cgroups = cgroupTree();
  const foldersOf = (host: HostPlan): HostFolders => ({
    run: join(runRoot, host.name),
    disk: join(diskRoot, host.name),
  });
  const stateFile = join(runRoot, 'fabric.json');
  const readFabric = (): FabricState =>
    existsSync(stateFile) ? (JSON.parse(readFileSync(stateFile, 'utf8')) as FabricState) : { podCidrs: {}, links: [] };
  const applyFabric = async (state: FabricState): Promise<void> => {
    writeFileSync(stateFile, JSON.stringify(state));
    await applyLinkRules(runRoot, networksOf(plan, state), state.links);
    const links = state.links.filter((link) => link.latencyMs > 0);
    if (links.length === 0) return stopWan(plan, runRoot, world);
    const sites = [...networksOf(plan, state)].map(([dataCenter, networks]) => ({ dataCenter, networks }));
    return startWan(plan, runRoot, folder.logOf('wan'), { sites, links }, world);
  };
  const endProcesses = async (host: HostPlan): Promise<void> => {
    await killHost(host, foldersOf(host));
    // Those that entered from outside, and hosts whose folder is gone, are known to their control group alone.
    for (const pid of cgroups.processes(host.name)) killQuietly(pid);
    // A frozen process dies when it is woken up.
    cgroups.freeze(host.name, false);
  };
  return {
    async prepare(steps) {
      claimRunRoot(folder.path);
      await steps.run(`${plan.dataCenters} data centers, a router between them`, async () => {
        await makeFabric(plan);
        for (const host of plan.hosts) await plugIn(plan, host);
        await applyFabric(readFabric());
      });
      await steps.run(`${plan.hosts.length} hosts, each with namespaces of its own`, async (progress) => {
        let up = 0;
        await inLimitedParallel(bootsAtATime, plan.hosts, async (host) => {
          if (initPid(foldersOf(host)) === undefined) await bootHost(plan, host, foldersOf(host), cgroups, world);
          progress(`${++up} up`);
        });
      });
    },
    launch: (host, args) =>
      launchOn({ host, init: initPid(foldersOf(host)), entrances: cgroups.entrances(host.name), folder, world }, args),
    engineSocket: () => '/run/host/docker.sock',
    engines: () =>
      plan.hosts.filter((host) => host.role === 'node').map((host) => join(foldersOf(host).run, 'docker.sock')),
    async kill(host) {
      await endProcesses(host);
      await untilEmpty(cgroups, [host.name], world);
    },
    async boot(host) {
      if (initPid(foldersOf(host)) === undefined) await bootHost(plan, host, foldersOf(host), cgroups, world);
    },
    freeze: async (host) => cgroups.freeze(host.name, true),
    thaw: async (host) => cgroups.freeze(host.name, false),
    async link(from, to, quality) {
      const state = readFabric();
      const others = state.links.filter(
        (link) => !(link.from === Math.min(from, to) && link.to === Math.max(from, to)),
      );
      await applyFabric({
        ...state,
        links: [...others, { from: Math.min(from, to), to: Math.max(from, to), ...quality }],
      });
    },
    async nodesKnown(podCidrs) {
      for (const host of plan.hosts) {
        const podCidr = podCidrs[host.name];
        if (podCidr !== undefined) await routePods(host, podCidr);
      }
      await applyFabric({ ...readFabric(), podCidrs });
    },
    async remove(options) {
      await stopWan(plan, runRoot, world);
      for (const host of plan.hosts) await endProcesses(host);
      await untilEmpty(
        cgroups,
        plan.hosts.map((host) => host.name),
        world,
      );
      cgroups.remove();
      await removeFabric(plan.hosts);
      rmSync(runRoot, { recursive: true, force: true });
      if (!options.keepData) rmSync(diskRoot, { recursive: true, force: true });
    },
  };
}

function networksOf(plan: ClusterPlan, state: FabricState): ReadonlyMap<number, readonly string[]> {
  const networks = new Map<number, string[]>();
  for (let site = 1; site <= plan.dataCenters; site++) networks.set(site, [`${plan.network}.${site}.0/24`]);
  for (const host of plan.hosts) {
    const podCidr = state.podCidrs[host.name];
    if (podCidr !== undefined) networks.get(host.dataCenter)?.push(podCidr);
  }
  return networks;
}

/** One isolated cluster per machine: its run-time folder says whose it is. */
function claimRunRoot(owner: string): void {
  const file = join(runRoot, 'owner');
  const present = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (present !== undefined && present !== owner) {
    throw new Error(
      `the isolated local cluster in ${present} is on this machine: take it down first (BERTH_DEV_DIR=${present} berth dev down)`,
    );
  }
  mkdirSync(runRoot, { recursive: true, mode: 0o755 });
  writeFileSync(file, owner);
}

interface HostLaunch {
  readonly host: HostPlan;
  /** The host's first process; undefined when it is down. */
  readonly init: number | undefined;
  /** Files to which a process writes its pid to enter the host's control group. */
  readonly entrances: readonly string[];
  readonly folder: DevFolder;
  readonly world: World;
}

/** Enters the control groups that are named before `--`, then becomes the program behind it. */
const enterGroups = 'while [ "$1" != -- ]; do echo $$ > "$1"; shift; done; shift; exec "$@"';

/** Enters the host's control group and namespaces and starts the process there; its pid is the one this namespace sees. */
async function launchOn(
  { entrances, folder, host, init, world }: HostLaunch,
  args: readonly string[],
): Promise<LaunchedProcess> {
  if (init === undefined) throw new Error(`${host.name} is down: start it with \`berth dev start ${host.name}\``);
  const logFile = folder.logOf(host.name);
  const namespaces = ['--target', String(init), '--net', '--mount', '--pid', '--uts', '--ipc'];
  const entering = launch({
    program: 'bash',
    args: ['-c', enterGroups, 'enter', ...entrances, '--', 'nsenter', ...namespaces, '--', berthProgram, ...args],
    logFile,
  });
  const awaited = {
    what: `${host.name} starts its process`,
    timeoutMs: 10_000,
    processes: [{ launched: entering, logFile }],
  };
  return waitFor(world, awaited, async () => {
    const [child] = childrenOf(entering.pid);
    return child === undefined ? undefined : processOf(child);
  });
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
