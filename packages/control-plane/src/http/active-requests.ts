/** How many requests are being answered, so that closing the server can wait for them. */
export class ActiveRequests {
  readonly #idle = new Set<() => void>();
  #count = 0;

  begin(): void {
    this.#count += 1;
  }

  end(): void {
    this.#count -= 1;
    if (this.#count > 0) return;
    for (const resolve of this.#idle) resolve();
    this.#idle.clear();
  }

  /** Resolves when nothing is at work; it may begin again afterwards. */
  whenIdle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idle.add(resolve);
    return promise;
  }
}
