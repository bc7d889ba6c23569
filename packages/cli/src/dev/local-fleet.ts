import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Steps } from '../terminal/steps.ts';
import type { ClusterPlan, HostPlan } from './cluster-plan.ts';
import type { DevFolder } from './cluster-state.ts';
import type { Fleet } from './fleet.ts';
import { launch } from './launched-process.ts';

const run = promisify(execFile);

/** The bridge that carries the addresses of all hosts of the local cluster. */
export const bridgeName = 'berth0';
const engineSocketPath = '/var/run/docker.sock';
const needsIsolation = 'needs hosts of their own: start the cluster with `berth dev up --isolated`';

/** Where the entry point of the `berth` command lies, for processes that outlive this one. */
export const berthMain: string = new URL('../main.ts', import.meta.url).pathname;

/**
 * All hosts are names and addresses on this machine: they share its kernel, its Docker Engine and its network.
 */
export function localFleet(plan: ClusterPlan, folder: DevFolder, removeNode: (host: HostPlan) => Promise<void>): Fleet {
  return {
    async prepare(steps: Steps) {
      await steps.run(`addresses ${plan.network}.x.y on ${bridgeName}`, () => makeBridge(plan));
    },
    async launch(host, args) {
      return launch({ program: process.execPath, args: [berthMain, ...args], logFile: folder.logOf(host.name) });
    },
    engineSocket: () => engineSocketPath,
    engines: () => [engineSocketPath],
    async kill(host) {
      if (host.role === 'node') await eachContainer(host, ['kill']);
    },
    boot: async () => {},
    async freeze(host) {
      if (host.role === 'node') await eachContainer(host, ['pause']);
    },
    async thaw(host) {
      if (host.role === 'node') await eachContainer(host, ['unpause']);
    },
    link: () => Promise.reject(new Error(`a link between data centers ${needsIsolation}`)),
    nodesKnown: async () => {},
    async remove(options) {
      for (const host of plan.hosts) {
        if (host.role === 'node') await removeNode(host);
        if (!options.keepData) rmSync(folder.dataOf(host.name), { recursive: true, force: true });
      }
      if (await exists()) await run('ip', ['link', 'delete', bridgeName]);
    },
  };
}

async function exists(): Promise<boolean> {
  return run('ip', ['link', 'show', bridgeName]).then(
    () => true,
    () => false,
  );
}

async function makeBridge(plan: ClusterPlan): Promise<void> {
  if (!(await exists())) await run('ip', ['link', 'add', bridgeName, 'type', 'bridge']);
  await run('ip', ['link', 'set', bridgeName, 'up']);
  for (const host of plan.hosts) await run('ip', ['address', 'replace', `${host.address}/32`, 'dev', bridgeName]);
}

/** `docker kill|pause|unpause` for everything that runs on a node. */
async function eachContainer(host: HostPlan, command: readonly string[]): Promise<void> {
  const { stdout } = await run('docker', ['ps', '-q', '--filter', `label=berth.dev/node=${host.name}`]);
  const ids = stdout.split('\n').filter((id) => id !== '');
  if (ids.length > 0) await run('docker', [...command, ...ids]);
}
