import type { Clock } from '@berth/world';

export interface FailureLimits {
  /** Failures within the window after which an address has to wait. */
  readonly failuresMax: number;
  readonly windowMs: number;
  /** Addresses remembered; beyond it the oldest is forgotten. */
  readonly addressesMax: number;
}

const defaultLimits: FailureLimits = { failuresMax: 10, windowMs: 60_000, addressesMax: 10_000 };

interface Window {
  readonly startedMs: number;
  failures: number;
}

/**
 * Slows down whoever tries out tokens: 128-bit secrets cannot be guessed, but every attempt costs a linearizable read.
 * Successes are never counted.
 */
export class FailureLimiter {
  readonly #clock: Clock;
  readonly #limits: FailureLimits;
  readonly #windows = new Map<string, Window>();

  constructor(clock: Clock, limits: FailureLimits = defaultLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Milliseconds the address has to wait; 0 when it may go on. */
  waitMs(address: string): number {
    const window = this.#windows.get(address);
    if (window === undefined || window.failures < this.#limits.failuresMax) return 0;
    return Math.max(0, window.startedMs + this.#limits.windowMs - this.#clock.monotonicMs());
  }

  fail(address: string): void {
    const now = this.#clock.monotonicMs();
    const window = this.#windows.get(address);
    if (window !== undefined && now - window.startedMs < this.#limits.windowMs) {
      window.failures += 1;
      return;
    }
    this.#windows.delete(address);
    if (this.#windows.size >= this.#limits.addressesMax) {
      const [oldest] = this.#windows.keys();
      if (oldest !== undefined) this.#windows.delete(oldest);
    }
    this.#windows.set(address, { startedMs: now, failures: 1 });
  }
}
