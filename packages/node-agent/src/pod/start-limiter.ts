/**
 * Starts of containers are bound by the CPU: beyond about two at a time per core only the waiting grows. First come, first served;
 * the queue is bounded by the number of containers of the node.
 */
export class StartLimiter {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async run<T>(start: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await start();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed over, so the count stays.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
