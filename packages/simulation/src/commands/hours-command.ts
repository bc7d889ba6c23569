import { searchInParallel } from '../consensus/parallel-search.ts';
import type { SearchReport } from '../consensus/seed-search.ts';
import { neverReached } from '../expected-probes.ts';
import { counted, print, tell } from './output.ts';

/** Failures after which a search ends early: more of them would tell nothing new. */
const maxFailures = 10;
const progressMs = 15_000;
/** Simulated hours from which on every situation must have come up. */
const hoursForAllProbes = 20;

/** Searches on all cores until so many hours are simulated. Returns the exit code: 0 when no seed failed and, in a long run, every situation came up. */
export async function runHours(hours: number, fromSeed: number): Promise<number> {
  print(`${counted(hours, 'simulated hour')}, seeds from ${fromSeed}`);
  const startedAt = performance.now();
  let toldAt = startedAt;
  const total = await searchInParallel(fromSeed, hours, maxFailures, (soFar) => {
    if (performance.now() - toldAt < progressMs) return;
    toldAt = performance.now();
    tell(`  ${summary(soFar, startedAt)}`);
  });
  print('situations reached');
  for (const [name, count] of total.probes.all) print(`  ${String(count).padStart(9)}  ${name}`);
  const missing = neverReached(total.probes);
  if (missing.length > 0) print(`never reached: ${missing.join(', ')}`);
  print(summary(total, startedAt));
  for (const { seed, message } of total.failures)
    print(`FAILED seed ${seed}: ${message}\n  npm run sim -- --shrink ${seed}`);
  if (total.failures.length > 0) return 1;
  return hours >= hoursForAllProbes && missing.length > 0 ? 1 : 0;
}

function summary({ seeds, simulatedMs, events, operations, failures }: SearchReport, startedAt: number): string {
  const hours = (simulatedMs / 3_600_000).toFixed(2);
  const elapsedMs = performance.now() - startedAt;
  const speed = Math.round(simulatedMs / elapsedMs);
  return `${counted(seeds, 'seed')}, ${hours} h simulated in ${Math.round(elapsedMs / 1000)} s (${speed} times real time), ${counted(events, 'event')}, ${counted(operations, 'operation')}, ${counted(failures.length, 'failure')}`;
}
