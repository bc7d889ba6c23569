import { tracesOfBerth } from './leftovers.ts';
import { until } from './waiting.ts';

const withinMs = 60_000;

/**
 * Fails unless everything of Berth on this machine is gone but what was there before. Tests of single parts run beside, and make and
 * remove bridges and rules of their own: what comes later than the first look is theirs, and what goes by itself was.
 */
export async function expectNoTraces(clusterFolder: string, before: readonly string[]): Promise<void> {
  const suspects = (await tracesOfBerth(clusterFolder)).filter((trace) => !before.includes(trace));
  if (suspects.length === 0) return;
  await until({
    what: 'nothing of the cluster is left on this machine',
    withinMs,
    async look() {
      const present = await tracesOfBerth(clusterFolder);
      return suspects.filter((trace) => present.includes(trace));
    },
    isSo: (left) => left.length === 0,
  });
}
