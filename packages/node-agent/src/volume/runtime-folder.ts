import { chmod, mkdir, statfs } from 'node:fs/promises';
import type { MountTool } from './mount-tool.ts';
import type { PodFolders } from './pod-folders.ts';

const tmpfsMagic = 0x01021994;
const ramfsMagic = 0x858458f6;

/** Makes sure that what is written below `path` stays in memory: secrets must not reach a disk, and concern nobody else on the machine. */
export async function ensureRuntimeFolder(folders: PodFolders, mounts: MountTool, path: string): Promise<void> {
  const own = folders.own(path);
  await mkdir(own, { recursive: true });
  const { type } = await statfs(own);
  if (type !== tmpfsMagic && type !== ramfsMagic) await mounts.mountMemory(path, undefined);
  await chmod(own, 0o700);
}
