import { chmod, chown, mkdir } from 'node:fs/promises';
import { type EmptyDirVolumeSource, wholeAmount } from '@berth/api';
import type { MountTool } from './mount-tool.ts';
import type { PodFolders } from './pod-folders.ts';

export interface EmptyDirPlace {
  readonly folders: PodFolders;
  readonly mounts: MountTool;
  /** On the machine. */
  readonly path: string;
  readonly group: number | undefined;
}

/** Makes the volume unless it exists; what is in it stays. */
export async function makeEmptyDir(place: EmptyDirPlace, source: EmptyDirVolumeSource): Promise<void> {
  const { folders, mounts, path, group } = place;
  const own = folders.own(path);
  const existed = (await mkdir(own, { recursive: true })) === undefined;
  if (source.medium === 'Memory') {
    if (await mounts.isMounted(path)) return;
    const size = source.sizeLimit === undefined ? undefined : wholeAmount(source.sizeLimit);
    await mounts.mountMemory(path, size === undefined || size === 0 ? undefined : size);
  } else if (existed) {
    return;
  }
  // Everybody may write, and new files belong to the pod's group.
  if (group !== undefined) await chown(own, 0, group);
  await chmod(own, group === undefined ? 0o777 : 0o2777);
}
