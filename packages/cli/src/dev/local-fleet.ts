import { existsSync, rmSync } from 'node:fs';
import type { Steps } from '../terminal/steps.ts';
import { type ClusterPlan, type HostPlan, nodesOf } from './cluster-plan.ts';
import type { DevFolder } from './cluster-state.ts';
import { removeEmptyFolder } from './empty-folder.ts';
import type { Fleet } from './fleet.ts';
import { eachContainer, hostEngineSocket, removeImages } from './host-engine.ts';
import { launch } from './launched-process.ts';
import { run } from './machine-command.ts';

/** The bridge that carries the addresses of all hosts of the local cluster. */
const bridgeName = 'berth0';
/** Where agents keep what lives in memory, one folder for each. */
const runtimeRoot = '/run/berth';
const needsIsolation = 'needs hosts of their own: start the cluster with `berth dev up --isolated`';

/** The `berth` command as users start it, for processes that outlive this one. */
export const berthProgram: string = new URL('../../../../berth', import.meta.url).pathname;

/** All hosts are names and addresses on this machine: they share its kernel, its Docker Engine and its network. */
export function localFleet(plan: ClusterPlan, folder: DevFolder): Fleet {
  const socket = hostEngineSocket();
  const onContainers = async (host: HostPlan, action: 'kill' | 'pause' | 'unpause'): Promise<void> => {
    if (host.role === 'node') await eachContainer(socket, host.name, action);
  };
  return {
    async prepare(steps: Steps) {
      await steps.run(`addresses ${plan.network}.x.y on ${bridgeName}`, () => makeBridge(plan, folder.path));
    },
    async launch(host, args) {
      return launch({ program: berthProgram, args, logFile: folder.logOf(host.name) });
    },
    engineSocket: () => socket,
    engines: () => [socket],
    kill: (host) => onContainers(host, 'kill'),
    boot: async () => {},
    freeze: (host) => onContainers(host, 'pause'),
    thaw: (host) => onContainers(host, 'unpause'),
    link: () => Promise.reject(new Error(`a link between data centers ${needsIsolation}`)),
    nodesKnown: async () => {},
    async remove({ keepData }) {
      // Loaded here, since it is a lot, and everything else is to start without it.
      const { cleanup } = await import('@berth/node-agent');
      await Promise.all(nodesOf(plan).map(({ name }) => cleanup({ nodeName: name, dataDir: folder.dataOf(name) })));
      if ((await bridgeOwner()) === folder.path) await run('ip', 'link', 'delete', bridgeName);
      // Another cluster's agents may have theirs in there.
      removeEmptyFolder(runtimeRoot);
      if (keepData) return;
      await removeImages(socket, ['demo', 'elevation', 'sandbox']);
      for (const host of plan.hosts) rmSync(folder.dataOf(host.name), { recursive: true, force: true });
    },
  };
}

/** The dev folder of the cluster that has made the bridge; undefined when there is no bridge. */
async function bridgeOwner(): Promise<string | undefined> {
  if (!existsSync(`/sys/class/net/${bridgeName}`)) return undefined;
  const [link] = JSON.parse(await run('ip', '-json', 'link', 'show', bridgeName)) as [{ readonly ifalias?: string }];
  return link.ifalias ?? '';
}

async function makeBridge(plan: ClusterPlan, owner: string): Promise<void> {
  const present = await bridgeOwner();
  if (present !== undefined && present !== owner) {
    throw new Error(
      `this machine has a bridge ${bridgeName} already, of the local cluster in ${present || 'an unknown folder'}: take that down first (BERTH_DEV_DIR=${present || 'FOLDER'} berth dev down), or remove what is left of it (ip link delete ${bridgeName})`,
    );
  }
  if (present === undefined) await run('ip', 'link', 'add', bridgeName, 'type', 'bridge');
  await run('ip', 'link', 'set', bridgeName, 'alias', owner);
  await run('ip', 'link', 'set', bridgeName, 'up');
  for (const host of plan.hosts) await run('ip', 'address', 'replace', `${host.address}/32`, 'dev', bridgeName);
}
