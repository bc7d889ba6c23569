import { grownFloats, grownInts } from './growth.ts';

const lowestRank = -(2 ** 31);
const highestRank = 2 ** 31 - 1;
/** When more nodes than this come at once, sorting all is cheaper than finding a place for each. */
const singlyMax = 16;

/**
 * A fixed order of all nodes that decides between equals: the order of a hash of their names. It is the same whatever the
 * order in which nodes were announced, adding a node moves no other, and it has nothing to do with size, age or place:
 * filling equals one after the other in such an order keeps whole nodes free, drawing lots among them does not.
 */
export class NodeOrder {
  /**
   * By slot: smaller comes first. Numbers lie apart, so that a node that comes gets one between its neighbours and no other is
   * written. Valid after `settle`.
   */
  ranks: Int32Array = new Int32Array(0);
  readonly #hash: (name: string) => number;
  /** By slot. */
  readonly #names: string[] = [];
  #hashes: Float64Array = new Float64Array(0);
  /** Slots in the order; the first `#count` are in use. */
  #ordered: Int32Array = new Int32Array(0);
  #count = 0;
  #arrived: number[] = [];

  constructor(hash: (name: string) => number) {
    this.#hash = hash;
  }

  add(slot: number, name: string, capacity: number): void {
    this.#hashes = grownFloats(this.#hashes, capacity);
    this.ranks = grownInts(this.ranks, capacity, 0);
    this.#ordered = grownInts(this.#ordered, capacity, -1);
    this.#names[slot] = name;
    this.#hashes[slot] = this.#hash(name);
    this.#arrived.push(slot);
  }

  remove(slot: number): void {
    const place = this.#placeOf(slot);
    if (place < this.#count && this.#ordered[place] === slot) {
      this.#ordered.copyWithin(place, place + 1, this.#count);
      this.#count -= 1;
    } else this.#arrived = this.#arrived.filter((other) => other !== slot);
    this.#names[slot] = '';
  }

  /** Gives the nodes added since the last call their place. */
  settle(): void {
    if (this.#arrived.length === 0) return;
    if (this.#arrived.length > singlyMax || this.#count === 0) this.#sortAll();
    else for (const slot of this.#arrived) this.#insert(slot);
    this.#arrived = [];
  }

  /** All nodes, first to last; settled before. Valid until a node comes or goes. */
  slots(): Int32Array {
    return this.#ordered.subarray(0, this.#count);
  }

  #sortAll(): void {
    this.#ordered.set(this.#arrived, this.#count);
    this.#count += this.#arrived.length;
    this.#ordered.subarray(0, this.#count).sort((left, right) => this.#compare(left, right));
    this.#number();
  }

  #insert(slot: number): void {
    const place = this.#placeOf(slot);
    this.#ordered.copyWithin(place + 1, place, this.#count);
    this.#ordered[place] = slot;
    this.#count += 1;
    const before = place === 0 ? lowestRank : (this.ranks[this.#ordered[place - 1] as number] as number);
    const after = place === this.#count - 1 ? highestRank : (this.ranks[this.#ordered[place + 1] as number] as number);
    if (after - before < 2) this.#number();
    else this.ranks[slot] = before + Math.floor((after - before) / 2);
  }

  /** Spreads the numbers evenly. */
  #number(): void {
    const gap = Math.floor((highestRank - lowestRank) / (this.#count + 1));
    for (let place = 0; place < this.#count; place += 1)
      this.ranks[this.#ordered[place] as number] = lowestRank + (place + 1) * gap;
  }

  /** Where the slot is among the ordered ones, or belongs. */
  #placeOf(slot: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(this.#ordered[middle] as number, slot) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(left: number, right: number): number {
    const difference = (this.#hashes[left] as number) - (this.#hashes[right] as number);
    if (difference !== 0) return difference;
    const one = this.#names[left] as string;
    const other = this.#names[right] as string;
    return one < other ? -1 : one > other ? 1 : 0;
  }
}

/** FNV-1a over UTF-16 units with a final mix (so that names that differ in their last digit land far apart). */
export function hashOfName(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
