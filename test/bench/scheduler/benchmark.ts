/** One row of the table. */
export interface Benchmark {
  /** As in the benchmark's description: Q2, W1, L4. */
  readonly id: string;
  readonly what: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /** What must be reached; absent for rows that only report. */
  readonly gate?: number;
  readonly goal?: number;
  run(): Promise<Measured>;
}

export interface Measured {
  readonly value: number;
  /** What belongs to the figure: spread, second figure, case. */
  readonly note?: string;
  /** What the independent checker found wrong; empty when all is right. */
  readonly violations: readonly string[];
}

export interface Result extends Measured {
  readonly benchmark: Benchmark;
}

export function reaches({ better }: Benchmark, value: number, bound: number | undefined): boolean {
  if (bound === undefined) return true;
  return better === 'higher' ? value >= bound : value <= bound;
}

/** A row fails when its gate is missed or the checker found anything. */
export function isPassed({ benchmark, value, violations }: Result): boolean {
  return violations.length === 0 && reaches(benchmark, value, benchmark.gate);
}
