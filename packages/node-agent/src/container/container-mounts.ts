import { chmod, mkdir, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Container, Pod, VolumeMount } from '@berth/api';
import type { BindMount } from '../engine/container-spec.ts';
import { PodStepError } from '../pod/pod-ports.ts';
import { volumePath } from '../volume/pod-files.ts';
import type { PodFolders } from '../volume/pod-folders.ts';
import { expandVariables } from './variable-expansion.ts';

const propagations: Readonly<Record<string, BindMount['propagation']>> = {
  None: 'rprivate',
  HostToContainer: 'rslave',
  Bidirectional: 'rshared',
};

/** Everything that is mounted into a container: its volumes, and the files that carry the pod's name and the container's last words. */
export async function containerMounts(
  folders: PodFolders,
  pod: Pod,
  container: Container,
  attempt: number,
  environment: ReadonlyMap<string, string>,
): Promise<readonly BindMount[]> {
  const uid = pod.metadata.uid ?? '';
  const volumes: BindMount[] = [];
  for (const mount of container.volumeMounts ?? []) {
    volumes.push(await volumeMount(folders, pod, mount, environment));
  }
  const taken = new Set(volumes.map(({ target }) => target));
  const identity = (['hosts', 'hostname', 'resolv.conf'] as const).map((file) => ({
    source: folders.identityFile(uid, file),
    target: `/etc/${file}`,
  }));
  const message = {
    source: await makeTerminationFile(folders, uid, container.name, attempt),
    target: container.terminationMessagePath ?? '/dev/termination-log',
  };
  const files = [...identity, message].filter(({ target }) => !taken.has(target));
  return [...volumes, ...files.map((file): BindMount => ({ ...file, readOnly: false, propagation: 'rprivate' }))];
}

async function volumeMount(
  folders: PodFolders,
  pod: Pod,
  mount: VolumeMount,
  environment: ReadonlyMap<string, string>,
): Promise<BindMount> {
  const volume = pod.spec.volumes?.find(({ name }) => name === mount.name);
  if (volume === undefined)
    throw configError(`volume "${mount.name}" of the mount at ${mount.mountPath} does not exist`);
  const root = volumePath(folders, pod, volume);
  const subPath = mountedSubPath(mount, environment);
  return {
    source: subPath === '' ? root : await resolveSubPath(folders, root, subPath, mount.name),
    // Relative paths are taken from the root, as engines do.
    target: mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`,
    readOnly: mount.readOnly ?? false,
    propagation: propagations[mount.mountPropagation ?? 'None'] ?? 'rprivate',
  };
}

function mountedSubPath({ subPath, subPathExpr, name }: VolumeMount, environment: ReadonlyMap<string, string>): string {
  if (subPathExpr === undefined || subPathExpr === '') return checkSubPath(subPath ?? '', name);
  const missing: string[] = [];
  const expanded = expandVariables(subPathExpr, (variable) => {
    if (!environment.has(variable)) missing.push(variable);
    return environment.get(variable);
  });
  if (missing.length > 0)
    throw configError(`failed to expand subPathExpr of volume "${name}": missing ${missing.join(', ')}`);
  return checkSubPath(expanded, name);
}

function checkSubPath(subPath: string, volume: string): string {
  if (subPath.startsWith('/') || subPath.split('/').includes('..')) {
    throw configError(
      `subPath ${JSON.stringify(subPath)} of volume "${volume}" must be relative and must not contain ".."`,
    );
  }
  return subPath;
}

/** Follows links inside the volume and refuses those that lead out of it; a path that does not exist becomes a directory. */
async function resolveSubPath(folders: PodFolders, root: string, subPath: string, volume: string): Promise<string> {
  const realRoot = await realpath(folders.own(root));
  const wanted = join(realRoot, subPath);
  if ((await stat(wanted).catch(() => undefined)) === undefined) await mkdir(wanted, { recursive: true, mode: 0o750 });
  const found = await realpath(wanted);
  if (found !== realRoot && !found.startsWith(`${realRoot}/`)) {
    throw configError(`subPath ${JSON.stringify(subPath)} of volume "${volume}" leads out of the volume`);
  }
  return found.slice(folders.root.length);
}

/** One file for each run, so that a run cannot be blamed for what another one wrote. */
async function makeTerminationFile(
  folders: PodFolders,
  uid: string,
  container: string,
  attempt: number,
): Promise<string> {
  const path = folders.terminationFile(uid, container, attempt);
  await mkdir(dirname(folders.own(path)), { recursive: true });
  await writeFile(folders.own(path), '', { flag: 'a' });
  // Whatever user the program runs as must be able to write it.
  await chmod(folders.own(path), 0o666);
  return path;
}

function configError(message: string): PodStepError {
  return new PodStepError('CreateContainerConfigError', message);
}
