import { resolve } from 'node:path';
import { cleanup } from '@berth/node-agent';

export interface CleanupFlags {
  readonly name: string;
  readonly dataDir: string;
  /** Of a process that sees the machine's files, for a clean-up from within a container. */
  readonly machinePid?: number;
}

/** Removes what a stopped agent has left on this machine. */
export async function cleanUpAfterAgent({ dataDir, machinePid, name }: CleanupFlags): Promise<void> {
  const seenThrough = machinePid === undefined ? {} : { machinePid };
  await cleanup({ nodeName: name, dataDir: resolve(dataDir), ...seenThrough });
}
