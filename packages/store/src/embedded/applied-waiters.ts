import type { Timers } from '@berth/world';

interface Waiter {
  reached(): boolean;
  settle(outcome: 'reached' | 'timeout' | 'closed'): void;
}

/** Those who wait until this server has applied something. */
export class AppliedWaiters {
  readonly #timers: Timers;
  readonly #waiters = new Set<Waiter>();
  #closed = false;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Asks `reached` now and whenever something was applied. */
  async wait(reached: () => boolean, timeoutMs: number): Promise<'reached' | 'timeout' | 'closed'> {
    if (this.#closed) return 'closed';
    if (reached()) return 'reached';
    const { promise, resolve } = Promise.withResolvers<'reached' | 'timeout' | 'closed'>();
    const waiter: Waiter = { reached, settle: resolve };
    this.#waiters.add(waiter);
    using _deadline = this.#timers.after(timeoutMs, () => resolve('timeout'));
    const outcome = await promise;
    this.#waiters.delete(waiter);
    return outcome;
  }

  wake(): void {
    for (const waiter of this.#waiters) if (waiter.reached()) waiter.settle('reached');
  }

  close(): void {
    this.#closed = true;
    for (const waiter of this.#waiters) waiter.settle('closed');
  }
}
