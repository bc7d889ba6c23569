import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cleanup } from '@berth/node-agent';

export interface CleanupFlags {
  readonly name: string;
  readonly dataDir: string;
  /** Of a process that sees the machine's files, for a clean-up from within a container. */
  readonly machinePid?: number;
}

/** Removes what a stopped agent has left on this machine. */
export async function cleanUpAfterAgent({ dataDir, machinePid, name }: CleanupFlags): Promise<void> {
  const folder = resolve(dataDir);
  if (machinePid !== undefined) seeMachineBy(machinePid, join(folder, 'node.json'));
  await cleanup({ nodeName: name, dataDir: folder });
}

/** The agent's record names the process by which it saw the machine, and that has ended with the agent's container. */
function seeMachineBy(machinePid: number, record: string): void {
  if (!existsSync(record)) return;
  const known = JSON.parse(readFileSync(record, 'utf8')) as object;
  writeFileSync(record, `${JSON.stringify({ ...known, machinePid }, undefined, 2)}\n`);
}
