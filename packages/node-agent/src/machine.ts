import { mkdir } from 'node:fs/promises';
import type { World } from '@berth/world';
import type { AgentOptions } from './agent-options.ts';
import { DockerEngine } from './engine/docker-engine.ts';
import type { Engine, EngineInfo } from './engine/engine.ts';
import { messageOf } from './engine/engine-error.ts';
import { HostCommands } from './host/host-commands.ts';
import type { Log } from './logging/log.ts';
import { NftTool } from './network/nft-tool.ts';
import { MountTool } from './volume/mount-tool.ts';
import { PodFolders } from './volume/pod-folders.ts';
import { ensureRuntimeFolder } from './volume/runtime-folder.ts';

/** The machine as the agent works with it. */
export interface Machine {
  readonly engine: Engine;
  readonly engineInfo: EngineInfo;
  readonly commands: HostCommands;
  readonly folders: PodFolders;
  readonly mounts: MountTool;
  readonly nft: NftTool;
}

const lookAgainMs = 1000;

/** Makes the folders and waits until the container engine answers. */
export async function openMachine(
  options: AgentOptions,
  world: World,
  log: Log,
  signal: AbortSignal,
): Promise<Machine> {
  const { dataDir, runtimeDir, engineSocket } = options;
  const commands = new HostCommands(options.machinePid);
  await commands.require(['ip', 'nft', 'nsenter', 'mount', 'umount', 'sh'], 'iproute2, nftables, util-linux');
  const folders = new PodFolders({ root: commands.filePrefix, dataDir, runtimeDir });
  const mounts = new MountTool(commands);
  await mkdir(dataDir, { recursive: true });
  // Containers reach their volumes through mounts, whoever may look in here.
  await mkdir(folders.own(folders.onDisk), { recursive: true, mode: 0o700 });
  await ensureRuntimeFolder(folders, mounts, runtimeDir);
  const engine = new DockerEngine({ socketPath: engineSocket, world });
  const engineInfo = await waitForEngine(engine, world, log, signal);
  const nft = new NftTool(commands, folders.own(runtimeDir));
  return { engine, engineInfo, commands, folders, mounts, nft };
}

async function waitForEngine(engine: Engine, world: World, log: Log, signal: AbortSignal): Promise<EngineInfo> {
  for (let told = false; ; told = true) {
    try {
      return await engine.info();
    } catch (error) {
      if (!told) log.warn({ error: messageOf(error) }, 'waiting for the container engine');
      await world.timers.sleep(lookAgainMs, signal);
    }
  }
}
