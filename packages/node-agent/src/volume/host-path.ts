import { mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { HostPathVolumeSource } from '@berth/api';
import type { PodFolders } from './pod-folders.ts';
import { mountError } from './volume-payload.ts';

type FileKind = 'directory' | 'file' | 'socket' | 'character device' | 'block device';

const wantedKind: Readonly<Record<string, FileKind>> = {
  Directory: 'directory',
  DirectoryOrCreate: 'directory',
  File: 'file',
  FileOrCreate: 'file',
  Socket: 'socket',
  CharDevice: 'character device',
  BlockDevice: 'block device',
};

/** Makes or checks a path of the machine, as its type says. Without a type a missing directory is made, as engines do. */
export async function prepareHostPath(
  folders: PodFolders,
  volume: string,
  source: HostPathVolumeSource,
): Promise<void> {
  const { path, type = '' } = source;
  const own = folders.own(path);
  const found = await kindOf(own);
  if (found === undefined) {
    if (type === '' || type === 'DirectoryOrCreate') {
      await mkdir(own, { recursive: true, mode: 0o755 });
      return;
    }
    if (type === 'FileOrCreate' && (await kindOf(dirname(own))) === 'directory') {
      await (await open(own, 'a', 0o644)).close();
      return;
    }
  }
  const wanted = wantedKind[type];
  if (wanted === undefined || wanted === found) return;
  throw mountError(volume, `hostPath type check failed: ${path} is not a ${wanted}`);
}

async function kindOf(path: string): Promise<FileKind | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  if (found.isDirectory()) return 'directory';
  if (found.isSocket()) return 'socket';
  if (found.isCharacterDevice()) return 'character device';
  return found.isBlockDevice() ? 'block device' : 'file';
}
