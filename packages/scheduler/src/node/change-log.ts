import { grownInts } from './growth.ts';

/** Entries kept; a reader that fell further behind looks at everything again. A power of two. */
const lengthMax = 1 << 15;

/**
 * The order in which slots were touched, for readers that keep something per slot up to date. A reader remembers `head`
 * and later walks from there; an entry that is not `isLast` of its slot can be skipped, because a later one follows.
 */
export class ChangeLog {
  /** Number of the next entry. */
  head = 0;
  readonly #slots = new Int32Array(lengthMax);
  #last: Int32Array = new Int32Array(0);

  /** Makes room for slots below `capacity`. */
  grow(capacity: number): void {
    this.#last = grownInts(this.#last, capacity, -1);
  }

  touch(slot: number): void {
    this.#slots[this.head & (lengthMax - 1)] = slot;
    this.#last[slot] = this.head | 0;
    this.head += 1;
  }

  /** Whether the entries from `from` on are still there. */
  reaches(from: number): boolean {
    return this.head - from <= lengthMax;
  }

  slotAt(entry: number): number {
    return this.#slots[entry & (lengthMax - 1)] as number;
  }

  isLast(entry: number, slot: number): boolean {
    return this.#last[slot] === (entry | 0);
  }
}
