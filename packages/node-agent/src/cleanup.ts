import { rm } from 'node:fs/promises';
import { realWorld } from '@berth/world';
import { DockerEngine } from './engine/docker-engine.ts';
import { HostCommands } from './host/host-commands.ts';
import { IdentityFiles } from './identity/node-identity.ts';
import { withdrawForwarding } from './network/forward-rules.ts';
import { bridgeName, nodeTableName, routeProtocol, serviceTableName } from './network/interface-names.ts';
import { isNetworkKept } from './network/network-ownership.ts';
import { NftTool } from './network/nft-tool.ts';
import { readNodeRecord } from './node-record.ts';
import { type NodeScope, scopeLabels } from './pod/container-identity.ts';
import { MountTool } from './volume/mount-tool.ts';
import { PodFolders } from './volume/pod-folders.ts';

export interface CleanupOptions {
  readonly nodeName: string;
  readonly dataDir: string;
  /** Of a process that sees the machine's files, for a clean-up from within a container: the one the agent was given may have ended with it. */
  readonly machinePid?: number;
}

/**
 * Removes everything that the agent of this node has made on this machine: containers, bridge, rules, mounts, folders of pods. Its agent
 * must not run any more. The node's identity stays, so that it can come back; whoever wants that gone too removes the data directory. Does
 * nothing when there is nothing; may be called again. Rejects when something could not be removed, after trying everything.
 */
export async function cleanup({ nodeName, dataDir, machinePid }: CleanupOptions): Promise<void> {
  const record = await readNodeRecord(dataDir);
  if (record === undefined || record.nodeName !== nodeName) return;
  const { clusterId, runtimeDir, engineSocket } = record;
  const identity = await new IdentityFiles(dataDir).load();
  const scope = { clusterId, nodeName };
  const commands = new HostCommands(machinePid ?? record.machinePid);
  const folders = new PodFolders({ root: commands.filePrefix, dataDir, runtimeDir });
  const mounts = new MountTool(commands);
  const failures: unknown[] = [];
  const attempt = async (step: () => Promise<unknown>) => {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  };
  await attempt(() => removeContainers(engineSocket, scopeLabels(scope)));
  await attempt(() => removeNetwork(commands, folders.own(runtimeDir), scope, identity?.settings.podCidr));
  await attempt(() => mounts.unmountBelow(runtimeDir));
  await attempt(() => mounts.unmountBelow(folders.onDisk));
  for (const path of [runtimeDir, folders.onDisk]) {
    await attempt(() => rm(folders.own(path), { recursive: true, force: true }));
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `node ${nodeName} could not be removed completely: ${failures.join('; ')}`);
  await rm(`${dataDir}/node.json`, { force: true });
}

async function removeContainers(socketPath: string, labels: Readonly<Record<string, string>>): Promise<void> {
  const engine = new DockerEngine({ socketPath, world: realWorld });
  const found = await engine.list(labels);
  // Sandboxes last: containers use their namespaces.
  const [sandboxes, others] = [true, false].map((wanted) =>
    found.filter((record) => (record.labels['berth.dev/role'] === 'sandbox') === wanted),
  );
  for (const group of [others ?? [], sandboxes ?? []]) {
    await Promise.all(group.map(({ id }) => engine.remove(id)));
  }
}

async function removeNetwork(
  commands: HostCommands,
  folder: string,
  scope: NodeScope,
  podCidr: string | undefined,
): Promise<void> {
  const bridge = bridgeName(scope);
  await withdrawForwarding(commands, bridge);
  await commands.run('ip', ['link', 'delete', 'dev', bridge]).catch(() => undefined);
  const nft = new NftTool(commands, folder);
  await nft.deleteTable(nodeTableName(scope));
  // What all nodes of the cluster on this machine share goes with the last of them.
  if (await isNetworkKept(scope.clusterId)) return;
  await nft.deleteTable(serviceTableName(scope.clusterId));
  if (podCidr === undefined) return;
  const ours = ['root', podCidr, 'proto', String(routeProtocol)];
  await commands.run('ip', ['-4', 'route', 'flush', ...ours]).catch(() => undefined);
}
