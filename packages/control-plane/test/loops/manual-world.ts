import type { World } from '@berth/world';

interface Timer {
  dueMs: number;
  readonly everyMs: number | undefined;
  readonly run: () => void;
}

/** A world whose time stands still until a test moves it; chance is a small generator with a seed. */
export class ManualWorld implements World {
  #nowMs = 0;
  #seed: number;
  readonly #timers = new Set<Timer>();
  readonly #startWallMs: number = Date.UTC(2026, 4, 2, 10, 0, 0);

  constructor(seed = 1) {
    this.#seed = seed;
  }

  readonly clock: World['clock'] = {
    monotonicMs: () => this.#nowMs,
    wallMs: () => this.#startWallMs + this.#nowMs,
  };

  readonly timers: World['timers'] = {
    after: (delayMs, run) => this.#add({ dueMs: this.#nowMs + delayMs, everyMs: undefined, run }),
    every: (everyMs, run) => this.#add({ dueMs: this.#nowMs + everyMs, everyMs, run }),
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        const timer = this.timers.after(delayMs, resolve);
        signal?.addEventListener('abort', () => {
          timer[Symbol.dispose]();
          reject(signal.reason);
        });
      }),
  };

  readonly random: World['random'] = {
    bytes: (count) => Uint8Array.from({ length: count }, () => this.random.integer(256)),
    integer: (below) => {
      this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((this.#seed / 2 ** 32) * below);
    },
    uuid: () => {
      const digits = Array.from({ length: 32 }, () => this.random.integer(16).toString(16)).join('');
      return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5');
    },
  };

  /** Timers that have not run out. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Time goes by while something computes: no timer runs out before it has ended. */
  spend(ms: number): void {
    this.#nowMs += ms;
  }

  /** Lets everything that waits for no timer happen: promises chained to promises end within one turn of the event loop. */
  async quiet(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Moves time on, timer by timer, with everything that follows from each. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await this.quiet();
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      if (next.everyMs === undefined) this.#timers.delete(next);
      else next.dueMs += next.everyMs;
      next.run();
      await this.quiet();
    }
    this.#nowMs = endMs;
  }

  #add(timer: Timer): Disposable {
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  #next(endMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers)
      if (timer.dueMs <= endMs && (first === undefined || timer.dueMs < first.dueMs)) first = timer;
    return first;
  }
}
