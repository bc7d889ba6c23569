import type { BoundedRange } from '../key-range.ts';

/** Keys of one chunk; a chunk is split in halves when it grows beyond. */
const chunkKeysMax = 512;

interface Chunk<V> {
  readonly keys: string[];
  readonly values: V[];
}

/**
 * A sorted map in two levels: a list of chunks, each with up to 512 keys and their values side by side. Point reads are two binary
 * searches; a range walks plain arrays; an insertion moves at most half a chunk. Flat enough to stay friendly to the
 * garbage collector at hundreds of thousands of keys.
 */
export class OrderedMap<V> {
  readonly #chunks: Chunk<V>[] = [];
  #size = 0;
  /** Chunk and place of what was asked for last, whether it is still there or not. */
  #index = 0;
  #at = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    const chunk = this.#find(key);
    return chunk?.keys[this.#at] === key ? chunk.values[this.#at] : undefined;
  }

  set(key: string, value: V): void {
    const chunk = this.#find(key);
    if (chunk === undefined) {
      this.#chunks.push({ keys: [key], values: [value] });
      this.#size += 1;
      return;
    }
    if (chunk.keys[this.#at] === key) {
      chunk.values[this.#at] = value;
      return;
    }
    chunk.keys.splice(this.#at, 0, key);
    chunk.values.splice(this.#at, 0, value);
    this.#size += 1;
    if (chunk.keys.length > chunkKeysMax) this.#split(this.#index, chunk);
  }

  delete(key: string): boolean {
    const chunk = this.#find(key);
    if (chunk?.keys[this.#at] !== key) return false;
    chunk.keys.splice(this.#at, 1);
    chunk.values.splice(this.#at, 1);
    this.#size -= 1;
    if (chunk.keys.length === 0) this.#chunks.splice(this.#index, 1);
    return true;
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#size = 0;
  }

  /** Ascending. The map must not change while the result is being read. */
  *valuesIn(range: BoundedRange): Generator<V, void, undefined> {
    for (let index = this.#chunkOf(range.from); index < this.#chunks.length; index++) {
      const { keys, values } = this.#chunks[index] as Chunk<V>;
      const end = lastKey(keys) < range.to ? keys.length : lowerBound(keys, range.to);
      for (let at = lowerBound(keys, range.from); at < end; at++) yield values[at] as V;
      if (end < keys.length) return;
    }
  }

  /** The first `limit` values of the range as an array; without a generator's cost per element. */
  slice(range: BoundedRange, limit: number): V[] {
    const found: V[] = [];
    for (let index = this.#chunkOf(range.from); index < this.#chunks.length && found.length < limit; index++) {
      const { keys, values } = this.#chunks[index] as Chunk<V>;
      const start = lowerBound(keys, range.from);
      const end = lastKey(keys) < range.to ? keys.length : lowerBound(keys, range.to);
      const stop = Math.min(end, start + limit - found.length);
      for (let at = start; at < stop; at++) found.push(values[at] as V);
      if (end < keys.length) break;
    }
    return found;
  }

  countIn(range: BoundedRange): number {
    let count = 0;
    for (let index = this.#chunkOf(range.from); index < this.#chunks.length; index++) {
      const { keys } = this.#chunks[index] as Chunk<V>;
      const end = lastKey(keys) < range.to ? keys.length : lowerBound(keys, range.to);
      count += Math.max(0, end - lowerBound(keys, range.from));
      if (end < keys.length) break;
    }
    return count;
  }

  /**
   * The chunk that holds `key` or would, undefined when there is none; `#index` and `#at` tell where. A key that is read is often written next, and
   * then the one behind it is: those are found where they should be, without a search.
   */
  #find(key: string): Chunk<V> | undefined {
    const last = this.#chunks[this.#index];
    if (last?.keys[this.#at] === key) return last;
    if (last?.keys[this.#at + 1] === key) {
      this.#at += 1;
      return last;
    }
    this.#index = this.#chunkOf(key);
    const chunk = this.#chunks[this.#index];
    this.#at = chunk === undefined ? 0 : lowerBound(chunk.keys, key);
    return chunk;
  }

  /** Index of the chunk that holds `key` or would: the last one that begins at or before it. */
  #chunkOf(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const first = (this.#chunks[middle] as Chunk<V>).keys[0] as string;
      if (first <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  #split(index: number, chunk: Chunk<V>): void {
    const half = chunk.keys.length >>> 1;
    const upper: Chunk<V> = { keys: chunk.keys.splice(half), values: chunk.values.splice(half) };
    this.#chunks.splice(index + 1, 0, upper);
  }
}

/** Index of the first key that is not below `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function lastKey(keys: readonly string[]): string {
  return keys[keys.length - 1] as string;
}
