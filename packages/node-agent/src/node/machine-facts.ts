import { readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeSystemInfo } from '@berth/api';
import type { EngineInfo } from '../engine/engine.ts';

/** The Kubernetes release whose node side this agent plays. */
export const nodeVersion = 'v1.33.0+berth';

/** What the machine says of itself. */
export async function nodeSystemInfo(engine: EngineInfo, filePrefix: string): Promise<NodeSystemInfo> {
  const machineId = await firstLine(join(filePrefix, '/etc/machine-id'));
  return {
    machineID: machineId,
    systemUUID: (await firstLine('/sys/class/dmi/id/product_uuid')) || machineId,
    bootID: await firstLine('/proc/sys/kernel/random/boot_id'),
    kernelVersion: engine.kernelVersion,
    osImage: engine.operatingSystem,
    containerRuntimeVersion: `${engine.name}://${engine.version}`,
    kubeletVersion: nodeVersion,
    kubeProxyVersion: nodeVersion,
    operatingSystem: 'linux',
    architecture: engine.architecture,
  };
}

export interface DiskSpace {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

/** Of the file system that a path lies on; zeros when it cannot be asked. */
export async function diskSpace(path: string): Promise<DiskSpace> {
  const found = await statfs(path).catch(() => undefined);
  if (found === undefined) return { totalBytes: 0, freeBytes: 0 };
  return { totalBytes: found.blocks * found.bsize, freeBytes: found.bavail * found.bsize };
}

/** Memory that programs could still get, in bytes; undefined when the kernel does not say. */
export async function memoryAvailableBytes(): Promise<number | undefined> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
}

async function firstLine(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n')[0]?.trim() ?? '';
}
