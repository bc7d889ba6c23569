const firstDelayMs = 5;
const longestDelayMs = 60_000;

/** Per key: 5 ms after the first failure, twice as long after each further one, up to a minute or what the caller says. */
export class RetryBackoff {
  readonly #failures = new Map<string, number>();

  nextDelayMs(key: string, longestMs: number = longestDelayMs): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    return Math.min(longestMs, firstDelayMs * 2 ** Math.min(failures, 20));
  }

  /** It worked: the next failure is the first again. */
  forget(key: string): void {
    this.#failures.delete(key);
  }
}
