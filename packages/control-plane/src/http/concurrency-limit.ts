/** Lets at most so many be at work at once; the rest is refused, never queued. */
export class ConcurrencyLimit {
  readonly #max: number;
  #running = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get running(): number {
    return this.#running;
  }

  /** Undefined when the limit is reached; otherwise dispose of the place when done (once, further calls do nothing). */
  enter(): Disposable | undefined {
    if (this.#running >= this.#max) return undefined;
    this.#running += 1;
    let left = false;
    return {
      [Symbol.dispose]: () => {
        if (left) return;
        left = true;
        this.#running -= 1;
      },
    };
  }
}
