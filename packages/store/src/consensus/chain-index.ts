import { crc32 } from 'node:zlib';
import type { Entry } from '@berth/raft';

/**
 * The chain value of every stored entry: a checksum over its frame and the chain value of the entry before. An entry that was replaced,
 * dropped or moved breaks the chain from there on.
 */
export class ChainIndex {
  #base: number;
  #baseChain: number;
  #values: Uint32Array = new Uint32Array(1024);
  #count = 0;

  /** The log begins after `base`, whose chain value is `baseChain`. */
  constructor(base: number, baseChain: number) {
    this.#base = base;
    this.#baseChain = baseChain;
  }

  get last(): number {
    return this.#base + this.#count;
  }

  get base(): number {
    return this.#base;
  }

  /** Chain value after `index`, which must be the base or a stored entry. */
  at(index: number): number {
    if (index === this.#base) return this.#baseChain;
    const value = this.#values[index - this.#base - 1];
    if (value === undefined || index > this.last)
      throw new RangeError(`no chain value at ${index}, the log ends at ${this.last}`);
    return value;
  }

  /** Appends the entry that follows the last one and tells its chain value. */
  append(entry: Entry): number {
    const value = nextChain(this.at(this.last), entry.frame);
    if (this.#count === this.#values.length) {
      const grown = new Uint32Array(this.#values.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#count] = value;
    this.#count += 1;
    return value;
  }

  truncate(from: number): void {
    this.#count = Math.min(this.#count, Math.max(0, from - this.#base - 1));
  }

  /** Forgets everything: the log begins anew after `base`. */
  restart(base: number, baseChain: number): void {
    this.#base = base;
    this.#baseChain = baseChain;
    this.#count = 0;
  }

  /** Forgets everything up to `base`. */
  advance(base: number): void {
    const dropped = base - this.#base;
    if (dropped <= 0) return;
    this.#baseChain = this.at(base);
    this.#values.copyWithin(0, dropped, this.#count);
    this.#count -= dropped;
    this.#base = base;
  }
}

export function nextChain(previous: number, frame: Uint8Array): number {
  return crc32(frame, previous);
}
