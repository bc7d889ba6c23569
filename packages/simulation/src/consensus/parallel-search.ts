import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Probes } from '../probes.ts';
import type { SearchOptions, SearchReport, SeedFailure } from './seed-search.ts';

type Posted = Omit<SearchReport, 'probes'> & { readonly probes: readonly (readonly [string, number])[] };

const batchSeeds = 8;

/** Searches on all cores until `simulatedHours` are done or `maxFailures` were found; tells of every batch. */
export async function searchInParallel(
  fromSeed: number,
  simulatedHours: number,
  maxFailures: number,
  told: (total: SearchReport) => void,
): Promise<SearchReport> {
  const total = {
    failures: [] as SeedFailure[],
    seeds: 0,
    simulatedMs: 0,
    events: 0,
    operations: 0,
    probes: new Probes(),
  };
  let nextSeed = fromSeed;
  const isDone = (): boolean => total.simulatedMs >= simulatedHours * 3_600_000 || total.failures.length >= maxFailures;
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./search-worker.ts', import.meta.url));
    try {
      while (!isDone()) {
        const options: SearchOptions = {
          fromSeed: nextSeed,
          seeds: batchSeeds,
          safetyMs: 60_000,
          stopAtFirst: false,
          repeatEvery: 50,
        };
        nextSeed += batchSeeds;
        add(total, await ask(worker, options));
        told(total);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return total;
}

function ask(worker: Worker, options: SearchOptions): Promise<Posted> {
  const { promise, resolve, reject } = Promise.withResolvers<Posted>();
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.postMessage(options);
  return promise.finally(() => worker.removeListener('error', reject));
}

interface Total {
  readonly failures: SeedFailure[];
  seeds: number;
  simulatedMs: number;
  events: number;
  operations: number;
  readonly probes: Probes;
}

function add(total: Total, part: Posted): void {
  total.failures.push(...part.failures);
  total.seeds += part.seeds;
  total.simulatedMs += part.simulatedMs;
  total.events += part.events;
  total.operations += part.operations;
  for (const [name, count] of part.probes) total.probes.hit(name, count);
}
