import type { Store } from '@berth/store';
import { fillKeys, keyNumber } from './load-plan.ts';
import { sampleValue } from './sample-value.ts';

/** Writes that are begun within the process of a member, so that no request of a client has to be read or answered. */
export interface Drive {
  /** Writes under way at once. */
  readonly outstanding: number;
  readonly valueBytes: number;
  /** When it ends: after so many writes, or after a time of which the first part does not count. */
  readonly until: { readonly kind: 'writes'; readonly count: number } | Window;
}

interface Window {
  readonly kind: 'time';
  readonly warmUpMs: number;
  readonly runMs: number;
}

/** Counts what was done after the warm-up and before the end. */
export class RateWindow {
  readonly #runMs: number;
  readonly #beginMs: number;
  #counted = 0;

  constructor({ warmUpMs, runMs }: Window) {
    this.#runMs = runMs;
    this.#beginMs = performance.now() + warmUpMs;
  }

  /** False when the time is over: then it did not count any more. */
  count(done: number): boolean {
    const sinceMs = performance.now() - this.#beginMs;
    if (sinceMs >= this.#runMs) return false;
    if (sinceMs >= 0) this.#counted += done;
    return true;
  }

  perSecond(): number {
    return (this.#counted * 1000) / this.#runMs;
  }
}

/** Acknowledged writes per second; undefined when a number of writes was asked for. */
export async function drive(store: Store, { outstanding, valueBytes, until }: Drive): Promise<number | undefined> {
  const window = until.kind === 'time' ? new RateWindow(until) : undefined;
  let left = until.kind === 'writes' ? until.count : Number.POSITIVE_INFINITY;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const key = keyNumber(Math.floor(Math.random() * fillKeys));
      await store.txn({ compare: [], success: [{ kind: 'put', key, value: sampleValue(valueBytes) }] });
      if (window?.count(1) === false) return;
    }
  };
  await Promise.all(Array.from({ length: outstanding }, client));
  return window?.perSecond();
}
