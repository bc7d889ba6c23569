import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What an agent leaves in its data directory for whoever cleans up after it. */
export interface NodeRecord {
  readonly nodeName: string;
  readonly clusterId: string;
  readonly runtimeDir: string;
  readonly engineSocket: string;
  readonly machinePid?: number;
}

function pathOf(dataDir: string): string {
  return join(dataDir, 'node.json');
}

export async function writeNodeRecord(dataDir: string, record: NodeRecord): Promise<void> {
  await writeFile(pathOf(dataDir), `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
}

/** Undefined when no agent ever came so far as to make anything. */
export async function readNodeRecord(dataDir: string): Promise<NodeRecord | undefined> {
  try {
    return JSON.parse(await readFile(pathOf(dataDir), 'utf8')) as NodeRecord;
  } catch {
    return undefined;
  }
}
