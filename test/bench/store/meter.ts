import type { LoadOutcome, LoadPlan } from './load-plan.ts';

/** One request, resolved when it was answered. */
export type Ask = () => Promise<void>;

/** Requests that are due while so many are open have failed: a server that far behind is not waited for. */
const openMax = 20_000;

/** Asks for as long as the plan says, and measures. */
export class Meter {
  readonly #beginMs: number;
  readonly #endMs: number;
  readonly #requestsMax: number;
  readonly #latencies: number[] = [];
  #requests = 0;
  #failures = 0;

  constructor({ warmUpMs, runMs, requestsMax = Number.POSITIVE_INFINITY }: LoadPlan) {
    this.#requestsMax = requestsMax;
    this.#beginMs = performance.now() + warmUpMs;
    this.#endMs = this.#beginMs + runMs;
  }

  async closedLoop(ask: Ask): Promise<void> {
    while (performance.now() < this.#endMs && this.#requests < this.#requestsMax)
      await this.#measure(ask, performance.now());
  }

  /** Latency counts from when a request was due, so that a server that stalls cannot hide it. */
  async openLoop(client: (index: number) => Ask, ratePerSecond: number): Promise<void> {
    const startMs = performance.now();
    const open = new Set<Promise<void>>();
    for (let due = 0; ; ) {
      const nowMs = performance.now();
      if (nowMs >= this.#endMs) break;
      for (; startMs + (due * 1000) / ratePerSecond <= nowMs; due++) {
        if (open.size >= openMax) {
          this.#failures += 1;
          continue;
        }
        const asked = this.#measure(client(due), startMs + (due * 1000) / ratePerSecond);
        open.add(asked);
        void asked.then(() => open.delete(asked));
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(open);
  }

  outcome(): LoadOutcome {
    const sorted = Float64Array.from(this.#latencies).sort();
    const at = (part: number): number => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
    return {
      requestsPerSecond: (sorted.length * 1000) / (this.#endMs - this.#beginMs),
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      requests: this.#requests,
      failures: this.#failures,
    };
  }

  async #measure(ask: Ask, dueMs: number): Promise<void> {
    try {
      await ask();
      this.#requests += 1;
      const nowMs = performance.now();
      if (nowMs >= this.#beginMs && nowMs < this.#endMs) this.#latencies.push(nowMs - dueMs);
    } catch {
      this.#failures += 1;
    }
  }
}
