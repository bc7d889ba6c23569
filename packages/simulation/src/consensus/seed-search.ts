import { Probes } from '../probes.ts';
import { drawPlan } from './plan-drawing.ts';
import { type Failure, runPlan } from './run.ts';

export interface SeedFailure extends Failure {
  readonly seed: number;
}

export interface SearchReport {
  readonly failures: readonly SeedFailure[];
  readonly seeds: number;
  readonly simulatedMs: number;
  readonly events: number;
  readonly operations: number;
  readonly probes: Probes;
}

export interface SearchOptions {
  readonly fromSeed: number;
  readonly seeds: number;
  /** Length of each safety phase. */
  readonly safetyMs: number;
  readonly stopAtFirst: boolean;
  /** Every so many seeds one is run twice, and must leave the same trace; 0 never. */
  readonly repeatEvery: number;
}

/** Runs seeds one after the other. */
export function searchSeeds({ fromSeed, seeds, safetyMs, stopAtFirst, repeatEvery }: SearchOptions): SearchReport {
  const failures: SeedFailure[] = [];
  const probes = new Probes();
  let done = 0;
  let simulatedMs = 0;
  let events = 0;
  let operations = 0;
  for (let seed = fromSeed; seed < fromSeed + seeds; seed++) {
    const result = runPlan(drawPlan(seed, safetyMs));
    done++;
    simulatedMs += result.simulatedMs;
    events += result.events;
    operations += result.operations;
    probes.add(result.probes);
    const failure =
      result.failure ??
      (repeatEvery > 0 && seed % repeatEvery === 0 ? divergence(seed, safetyMs, result.traceHash) : undefined);
    if (failure === undefined) continue;
    failures.push({ seed, ...failure });
    if (stopAtFirst) break;
  }
  return { failures, seeds: done, simulatedMs, events, operations, probes };
}

/** The same seed must come to the same end. */
function divergence(seed: number, safetyMs: number, traceHash: string): Failure | undefined {
  const again = runPlan(drawPlan(seed, safetyMs)).traceHash;
  if (again === traceHash) return undefined;
  return { invariant: 'deterministic', message: `seed ${seed} left trace ${traceHash}, and then ${again}`, atMs: 0 };
}
