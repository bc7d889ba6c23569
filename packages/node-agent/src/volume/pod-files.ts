import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Pod, Volume } from '@berth/api';
import { formatResolverSettings, podResolverSettings, type ResolverSettings } from '../dns/resolver-settings.ts';
import { messageOf } from '../engine/engine-error.ts';
import { type PodFiles, PodStepError } from '../pod/pod-ports.ts';
import { writeAtomically } from './atomic-folder.ts';
import { makeEmptyDir } from './empty-dir.ts';
import { prepareHostPath } from './host-path.ts';
import { hostsFile, machineHostsFile, podHostname } from './identity-files.ts';
import type { MountTool } from './mount-tool.ts';
import type { PodFolders } from './pod-folders.ts';
import { type PayloadSources, volumePayload } from './projected-payload.ts';
import { mountError } from './volume-payload.ts';

/** As much of a termination message as Kubernetes keeps. */
const terminationBytesMax = 4096;

export interface MachinePodFilesOptions {
  readonly folders: PodFolders;
  readonly mounts: MountTool;
  readonly sources: PayloadSources;
  /** The node's DNS server as pods reach it, and the cluster's domain. */
  readonly cluster: () => { readonly address: string; readonly clusterDomain: string };
  readonly machineResolver: () => Promise<ResolverSettings>;
}

/** Files of pods on a real machine. */
export class MachinePodFiles implements PodFiles {
  readonly #options: MachinePodFilesOptions;

  constructor(options: MachinePodFilesOptions) {
    this.#options = options;
  }

  async prepare(pod: Pod): Promise<void> {
    for (const volume of pod.spec.volumes ?? []) await this.#prepareVolume(pod, volume);
  }

  async #prepareVolume(pod: Pod, volume: Volume): Promise<void> {
    const { folders, mounts, sources } = this.#options;
    const group = pod.spec.securityContext?.fsGroup;
    try {
      const payload = volumePayload(pod, volume, sources);
      if (payload !== undefined) await writeAtomically(folders.own(volumePath(folders, pod, volume)), payload, group);
      else if (volume.emptyDir !== undefined) {
        await makeEmptyDir({ folders, mounts, path: volumePath(folders, pod, volume), group }, volume.emptyDir);
      } else if (volume.hostPath !== undefined) await prepareHostPath(folders, volume.name, volume.hostPath);
      else throw mountError(volume.name, 'this kind of volume is not served by this node');
    } catch (error) {
      if (error instanceof PodStepError && error.reason === 'FailedMount') throw error;
      throw new PodStepError('FailedMount', mountError(volume.name, messageOf(error)).message, { cause: error });
    }
  }

  async writeIdentity(pod: Pod, podIp: string): Promise<void> {
    const { folders, cluster, machineResolver } = this.#options;
    const uid = pod.metadata.uid ?? '';
    const { clusterDomain } = cluster();
    const resolver = podResolverSettings(pod, cluster(), await machineResolver());
    const hosts =
      pod.spec.hostNetwork === true
        ? machineHostsFile(pod, await readFile(folders.own('/etc/hosts'), 'utf8').catch(() => ''))
        : hostsFile(pod, podIp, clusterDomain);
    const wanted = {
      hosts,
      hostname: `${podHostname(pod, clusterDomain)}\n`,
      'resolv.conf': formatResolverSettings(resolver),
    } as const;
    for (const file of ['hosts', 'hostname', 'resolv.conf'] as const) {
      await writeInPlace(folders.own(folders.identityFile(uid, file)), wanted[file]);
    }
  }

  async readTermination(uid: string, container: string, attempt: number): Promise<string> {
    const { folders } = this.#options;
    const file = await open(folders.own(folders.terminationFile(uid, container, attempt)), 'r').catch(() => undefined);
    if (file === undefined) return '';
    await using _file = file;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(terminationBytesMax));
    return buffer.subarray(0, bytesRead).toString('utf8');
  }

  async release(uid: string): Promise<void> {
    const { folders, mounts } = this.#options;
    await mounts.unmountBelow(folders.podInMemory(uid));
    for (const path of [folders.podInMemory(uid), folders.podOnDisk(uid)]) {
      await rm(folders.own(path), { recursive: true, force: true });
    }
  }

  /** Pods of which files are left here. */
  async uids(): Promise<readonly string[]> {
    const { folders } = this.#options;
    const found = await Promise.all(
      [folders.onDisk, folders.inMemory].map((path) => readdir(folders.own(path)).catch(() => [])),
    );
    return [...new Set(found.flat())];
  }
}

/** Where a volume lies on the machine. Secrets, and all that may hold one, never touch the disk. */
export function volumePath(folders: PodFolders, pod: Pod, volume: Volume): string {
  const uid = pod.metadata.uid ?? '';
  if (volume.hostPath !== undefined) return volume.hostPath.path;
  const inMemory =
    volume.secret !== undefined || volume.projected !== undefined || volume.emptyDir?.medium === 'Memory';
  return inMemory ? folders.volumeInMemory(uid, volume.name) : folders.volumeOnDisk(uid, volume.name);
}

/** The file is mounted into containers: it keeps its inode, and is left alone when it says what it should. */
async function writeInPlace(path: string, text: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { mode: 0o644 });
}
