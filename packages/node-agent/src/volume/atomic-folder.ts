import { createHash } from 'node:crypto';
import { chmod, chown, lstat, mkdir, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Payload } from './volume-payload.ts';

const current = '..data';
const next = '..data_next';

/**
 * Puts `payload` into `folder` so that readers see all of the old files or all of the new ones, never a mixture: the files lie in a hidden
 * directory named after their content, `..data` points there and is replaced in one step, and what users see are links through `..data`
 * (Kubernetes' layout, which programs that watch their configuration know). Nothing is touched when nothing has changed.
 */
export async function writeAtomically(folder: string, payload: Payload, group: number | undefined): Promise<void> {
  await mkdir(folder, { recursive: true });
  const version = `..${digest(payload, group)}`;
  if ((await linkTarget(join(folder, current))) !== version) {
    await writeVersion(join(folder, version), payload, group);
    await rm(join(folder, next), { force: true });
    await symlink(version, join(folder, next));
    await rename(join(folder, next), join(folder, current));
  }
  const visible = new Set([...payload.keys()].map((path) => path.split('/')[0] ?? path));
  for (const name of visible) await linkVisible(folder, name);
  for (const name of await readdir(folder)) {
    const stale = name.startsWith('..') ? name !== version && name !== current : !visible.has(name);
    if (stale) await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function writeVersion(target: string, payload: Payload, group: number | undefined): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await makeFolder(target, group);
  for (const [path, { bytes, mode }] of payload) {
    const file = join(target, path);
    await makeFolders(target, dirname(path), group);
    await writeFile(file, bytes);
    // The group of the pod may read whatever its owner may (the kubelet's rule for volumes that are read only).
    await chmod(file, group === undefined ? mode : mode | 0o440);
    if (group !== undefined) await chown(file, 0, group);
  }
}

async function makeFolders(target: string, relative: string, group: number | undefined): Promise<void> {
  if (relative === '.') return;
  await makeFolders(target, dirname(relative), group);
  await makeFolder(join(target, relative), group);
}

async function makeFolder(path: string, group: number | undefined): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, group === undefined ? 0o755 : 0o2775);
  if (group !== undefined) await chown(path, 0, group);
}

async function linkVisible(folder: string, name: string): Promise<void> {
  const path = join(folder, name);
  const target = join(current, name);
  if ((await linkTarget(path)) === target) return;
  await rm(path, { recursive: true, force: true });
  await symlink(target, path);
}

async function linkTarget(path: string): Promise<string | undefined> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isSymbolicLink() === true ? await readlink(path) : undefined;
}

function digest(payload: Payload, group: number | undefined): string {
  const hash = createHash('sha256').update(String(group));
  for (const [path, { bytes, mode }] of [...payload].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`\0${path}\0${mode}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex').slice(0, 20);
}
