import type { LogIndex } from '../vocabulary/log-index.ts';

/** Appends that were sent and not yet acknowledged, oldest first, bounded by number and bytes (rule 29). */
export class InflightWindow {
  readonly #maxAppends: number;
  readonly #maxBytes: number;
  #ends: LogIndex[] = [];
  #sizes: number[] = [];
  #head = 0;
  #bytes = 0;

  constructor(maxAppends: number, maxBytes: number) {
    this.#maxAppends = maxAppends;
    this.#maxBytes = maxBytes;
  }

  get appends(): number {
    return this.#ends.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get full(): boolean {
    return this.appends >= this.#maxAppends || this.#bytes >= this.#maxBytes;
  }

  add(lastIndex: LogIndex, bytes: number): void {
    this.#ends.push(lastIndex);
    this.#sizes.push(bytes);
    this.#bytes += bytes;
  }

  /** Everything up to `index` has arrived. */
  freeUpTo(index: LogIndex): void {
    while (this.#head < this.#ends.length && (this.#ends[this.#head] as LogIndex) <= index) this.freeOldest();
  }

  /** Lets one more append through: the oldest may have been lost. */
  freeOldest(): void {
    if (this.#head >= this.#ends.length) return;
    this.#bytes -= this.#sizes[this.#head] as number;
    this.#head++;
    if (this.#head === this.#ends.length) {
      this.#ends = [];
      this.#sizes = [];
      this.#head = 0;
    } else if (this.#head > 64) {
      this.#ends.splice(0, this.#head);
      this.#sizes.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
