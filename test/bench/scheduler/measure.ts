import { performance } from 'node:perf_hooks';

/** Timed runs of each figure, after one that warms up. */
const runs = 5;

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** The median of several runs, after one that is thrown away. `run` answers the figure. */
export function medianOf(run: () => number): Spread {
  run();
  return spreadOf(Array.from({ length: runs }, run));
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((left, right) => left - right);
  return { median: quantile(sorted, 0.5), least: sorted[0] ?? 0, most: sorted.at(-1) ?? 0 };
}

/** Of values in rising order. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

export interface Elapsed {
  /** By the wall clock. */
  readonly wallMs: number;
  /**
   * Processor time of this thread: what the work takes on a machine that has nothing else to do. The kernel counts it in steps of some
   * milliseconds: of use from about 20 ms on.
   */
  readonly threadMs: number;
}

export function elapsed(work: () => void): Elapsed {
  const start = performance.now();
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return { wallMs: performance.now() - start, threadMs: (user + system) / 1000 };
}

/**
 * Microseconds for a best fit over 10,000 nodes with two numbers each: how fast this machine is at what schedulers do, to compare
 * figures of different machines.
 */
export function calibrationUs(): number {
  const nodes = 10_000;
  const scans = 2_000;
  const cpu = Int32Array.from({ length: nodes }, (_, at) => 1_000 + ((at * 7919) % 3_000));
  const memory = Int32Array.from({ length: nodes }, (_, at) => 4_096 + ((at * 104_729) % 28_000));
  let found = 0;
  const { median } = medianOf(
    () =>
      elapsed(() => {
        for (let scan = 0; scan < scans; scan += 1) found += bestFit(cpu, memory, 500 + (scan % 100), 2_048);
      }).threadMs,
  );
  if (found < 0) throw new Error('every request of the calibration fits somewhere');
  return (median * 1000) / scans;
}

function bestFit(cpu: Int32Array, memory: Int32Array, wantedCpu: number, wantedMemory: number): number {
  let best = -1;
  let least = 2 ** 31 - 1;
  for (let at = 0; at < cpu.length; at += 1) {
    const left = (cpu[at] as number) - wantedCpu;
    if (left < 0 || (memory[at] as number) < wantedMemory || left >= least) continue;
    least = left;
    best = at;
  }
  return best;
}
