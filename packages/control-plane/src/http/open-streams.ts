/** Everything that is answered without an end of its own: watches and followed logs. Closing the server ends them. */
export class OpenStreams {
  readonly #ends = new Set<() => void>();

  get size(): number {
    return this.#ends.size;
  }

  /** `end` is called once when the server closes; dispose when the stream has ended by itself. */
  add(end: () => void): Disposable {
    this.#ends.add(end);
    return { [Symbol.dispose]: () => this.#ends.delete(end) };
  }

  endAll(): void {
    for (const end of [...this.#ends]) end();
  }
}
