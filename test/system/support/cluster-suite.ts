import { cpSync, existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, inject } from 'vitest';
import { Cluster } from './cluster.ts';
import { tracesOfBerth } from './leftovers.ts';
import { reportTimes } from './measured-times.ts';
import { ensureTestImages } from './test-image.ts';

/**
 * One cluster for all tests of a file: started before the first, taken down after the last, also when some failed, and everything that
 * it leaves on the machine fails the file.
 */
export function suiteWithCluster(start: (cluster: Cluster) => Promise<unknown>): Cluster {
  const cluster = new Cluster();
  let before: readonly string[] = [];
  let failed = false;

  beforeAll(async () => {
    await cluster.down();
    before = await tracesOfBerth(cluster.folder);
    if (before.some((trace) => trace.startsWith('link berth0')))
      throw new Error('another local cluster is running on this machine; take it down first: npm run down');
    await ensureTestImages();
    await start(cluster);
  });

  beforeEach(({ onTestFailed }) => {
    onTestFailed(() => {
      failed = true;
    });
  });

  afterAll(async () => {
    if (failed) keepLogs(cluster);
    await cluster.down();
    reportTimes(inject('timesFile'));
    const left = (await tracesOfBerth(cluster.folder)).filter((trace) => !before.includes(trace));
    expect(left, 'what the cluster has left on this machine').toEqual([]);
  });

  return cluster;
}

/** `down` removes the logs: those of a failed run are worth keeping. */
function keepLogs(cluster: Cluster): void {
  const logs = join(cluster.folder, 'logs');
  if (!existsSync(logs)) return;
  const kept = mkdtempSync(join(tmpdir(), 'berth-system-logs-'));
  cpSync(logs, kept, { recursive: true });
  process.stderr.write(`\nlogs of the cluster under test: ${kept}\n`);
}
