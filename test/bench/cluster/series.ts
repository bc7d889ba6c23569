import type { TimePromise } from '../../system/support/promises.ts';

/** How often each row is measured. */
export interface Repetitions {
  readonly usual: number;
  /** Starts of a whole cluster take longest. */
  readonly starts: number;
}

export interface Row {
  readonly promise: TimePromise;
  readonly times: readonly number[];
}

/** Times by promise, in the order in which they were first measured. */
export class Series {
  readonly #times = new Map<TimePromise, number[]>();
  readonly #tell: (line: string) => void;

  /** `tell` is called for every measurement as it is made. */
  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  get rows(): readonly Row[] {
    return [...this.#times].map(([promise, times]) => ({ promise, times }));
  }

  add(promise: TimePromise, milliseconds: number): void {
    this.#times.set(promise, [...(this.#times.get(promise) ?? []), milliseconds]);
    this.#tell(`${promise.what}: ${Math.round(milliseconds)} ms`);
  }
}
