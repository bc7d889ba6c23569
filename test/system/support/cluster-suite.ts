import { cpSync, existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, inject } from 'vitest';
import { Cluster } from './cluster.ts';
import { tracesOfBerth } from './leftovers.ts';
import { reportTimes } from './measured-times.ts';
import { ensureTestImages } from './test-image.ts';
import { until } from './waiting.ts';

const tracesBefore = new WeakMap<Cluster, readonly string[]>();

/**
 * One cluster for all tests of a file: started before the first, taken down after the last, also when some failed, and everything that
 * it leaves on the machine fails the file.
 */
export function suiteWithCluster(start: (cluster: Cluster) => Promise<unknown>): Cluster {
  const cluster = new Cluster();

  beforeAll(async () => {
    await cluster.down();
    const before = await tracesOfBerth(cluster.folder);
    tracesBefore.set(cluster, before);
    if (before.some((trace) => /^(?:link berth0|namespace berth-)/.test(trace)))
      throw new Error('another local cluster is running on this machine; take it down first: npm run down');
    await ensureTestImages();
    await start(cluster);
  });

  beforeEach(({ onTestFailed }) => {
    onTestFailed(() => keepLogs(cluster));
  });

  afterAll(async () => {
    await cluster.down();
    reportTimes(inject('timesFile'));
    await untilNothingLeft(cluster);
  });

  return cluster;
}

/** Waits until nothing of Berth is on this machine that was not there before the cluster; an interface may need a moment to go. */
export async function untilNothingLeft(cluster: Cluster): Promise<void> {
  const before = tracesBefore.get(cluster) ?? [];
  await until({
    what: 'the cluster has left nothing on this machine',
    withinMs: 30_000,
    look: async () => (await tracesOfBerth(cluster.folder)).filter((trace) => !before.includes(trace)),
    isSo: (left) => left.length === 0,
  });
}

/** Starts empty the logs and `down` removes them: those of a failure are worth keeping. */
function keepLogs(cluster: Cluster): void {
  const logs = join(cluster.folder, 'logs');
  if (!existsSync(logs)) return;
  const kept = mkdtempSync(join(tmpdir(), 'berth-system-logs-'));
  cpSync(logs, kept, { recursive: true });
  process.stderr.write(`\nlogs of the cluster under test: ${kept}\n`);
}
