import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const memoryFolder = '/dev/shm';
const wantedBytes = 256 * 1024 * 1024;

/** Waits until whoever started it is gone, for whatever reason, and gives what was killed with it a moment to go as well. */
const janitorScript = 'while read -r folder; do set -- "$@" "$folder"; done; sleep 1; rm -rf -- "$@"';
let janitor: ChildProcess | undefined;

/**
 * A new folder for one test, in memory where the machine offers it: what a killed process had written survives there as well. It is gone
 * when the test process is, also after a test that failed, hung or was killed.
 */
export async function testFolder(name: string): Promise<string> {
  const space = await statfs(memoryFolder).catch(() => undefined);
  const roomy = space !== undefined && space.bavail * space.bsize > wantedBytes;
  const folder = await mkdtemp(join(roomy ? memoryFolder : tmpdir(), `berth-${name}-`));
  janitor ??= startJanitor();
  janitor.stdin?.write(`${folder}\n`);
  return folder;
}

function startJanitor(): ChildProcess {
  const child = spawn('sh', ['-c', janitorScript, 'janitor'], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return child;
}
