import { mkdtemp, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const memoryFolder = '/dev/shm';
const wantedBytes = 256 * 1024 * 1024;

/** A new folder for one test, in memory where the machine offers it: what a killed process had written survives there as well. */
export async function testFolder(name: string): Promise<string> {
  const space = await statfs(memoryFolder).catch(() => undefined);
  const roomy = space !== undefined && space.bavail * space.bsize > wantedBytes;
  return await mkdtemp(join(roomy ? memoryFolder : tmpdir(), `berth-${name}-`));
}
