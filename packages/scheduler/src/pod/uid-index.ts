import { hashOfName } from '../node/node-order.ts';
import type { PodId } from './pod-table.ts';

const leastPlaces = 256;

/**
 * Finds pods by uid: a table of pod numbers with open addressing, a quarter of the size of a map of strings. The texts stay where they are
 * anyway, in the column `uids`.
 */
export class UidIndex {
  readonly #uids: readonly string[];
  /** Pod number + 1, 0 where nothing is; the length is a power of two and at most three quarters are in use. */
  #places: Int32Array = new Int32Array(leastPlaces);
  #size = 0;

  constructor(uids: readonly string[]) {
    this.#uids = uids;
  }

  /** The pod with this uid, or -1. */
  find(uid: string): PodId {
    return (this.#places[this.#placeOf(uid)] as number) - 1;
  }

  /** The pod has its uid in the column, and no other pod in the index has the same. */
  add(pod: PodId): void {
    if ((this.#size + 1) * 4 > this.#places.length * 3) this.#grow();
    this.#places[this.#placeOf(this.#uids[pod] as string)] = pod + 1;
    this.#size += 1;
  }

  /** The pod still has its uid in the column. Those that had to give way to it move up. */
  remove(pod: PodId): void {
    const mask = this.#places.length - 1;
    let hole = this.#placeOf(this.#uids[pod] as string);
    if (this.#places[hole] === 0) return;
    for (let at = (hole + 1) & mask; this.#places[at] !== 0; at = (at + 1) & mask) {
      const home = this.#homeOf((this.#places[at] as number) - 1);
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      this.#places[hole] = this.#places[at] as number;
      hole = at;
    }
    this.#places[hole] = 0;
    this.#size -= 1;
  }

  /** Where the uid is, or where it belongs. */
  #placeOf(uid: string): number {
    const mask = this.#places.length - 1;
    let at = hashOfName(uid) & mask;
    for (let entry = this.#places[at] as number; entry !== 0; entry = this.#places[at] as number) {
      if (this.#uids[entry - 1] === uid) return at;
      at = (at + 1) & mask;
    }
    return at;
  }

  #homeOf(pod: PodId): number {
    return hashOfName(this.#uids[pod] as string) & (this.#places.length - 1);
  }

  #grow(): void {
    const before = this.#places;
    this.#places = new Int32Array(before.length * 2);
    for (const entry of before) if (entry !== 0) this.#places[this.#placeOf(this.#uids[entry - 1] as string)] = entry;
  }
}
