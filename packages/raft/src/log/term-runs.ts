import type { LogIndex } from '../vocabulary/log-index.ts';
import { noTerm, type Term } from '../vocabulary/term.ts';

export interface TermRun {
  readonly from: LogIndex;
  readonly term: Term;
}

/**
 * The term of every entry of a log, as runs: a log has as many of them as it had leaders, so that the term of any index can be told without
 * holding the entries. Lookups are mostly near the end and search from there.
 */
export class TermRuns {
  #runs: TermRun[];

  constructor(runs: readonly TermRun[]) {
    this.#runs = [...runs];
  }

  /** Of an index that is in the log; the caller knows the bounds. */
  termAt(index: LogIndex): Term {
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs[i] as TermRun;
      if (run.from <= index) return run.term;
    }
    return noTerm;
  }

  /** The highest index at or below `index` whose term is at most `limit`, or undefined (rule 30: skips whole terms). */
  lastAtOrBelow(index: LogIndex, limit: Term): LogIndex | undefined {
    let end = index;
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs[i] as TermRun;
      if (run.from > end) continue;
      if (run.term <= limit) return end;
      end = (run.from - 1) as LogIndex;
    }
    return undefined;
  }

  append(index: LogIndex, term: Term): void {
    if (this.#runs.at(-1)?.term !== term) this.#runs.push({ from: index, term });
  }

  truncateFrom(index: LogIndex): void {
    while (this.#runs.length > 0 && (this.#runs.at(-1) as TermRun).from >= index) this.#runs.pop();
  }

  /** Forgets runs that lie wholly at or below `index`. */
  compact(index: LogIndex): void {
    let whole = 0;
    while (whole + 1 < this.#runs.length && (this.#runs[whole + 1] as TermRun).from <= index + 1) whole++;
    if (whole > 0) this.#runs.splice(0, whole);
  }

  clear(): void {
    this.#runs = [];
  }
}
