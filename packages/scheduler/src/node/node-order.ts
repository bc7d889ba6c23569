/**
 * A fixed order of all nodes that decides between equals: the order of a hash of their names. It is the same whatever the
 * order in which nodes were announced, adding a node moves no other, and it has nothing to do with size, age or place:
 * filling equals one after the other in such an order keeps whole nodes free, drawing lots among them does not.
 */
export class NodeOrder {
  /** Place of each slot in the order; smaller comes first. Valid after `settle`. */
  ranks: Int32Array = new Int32Array(0);
  readonly #hash: (name: string) => number;
  #ordered: Entry[] = [];
  #arrived: Entry[] = [];

  constructor(hash: (name: string) => number) {
    this.#hash = hash;
  }

  add(slot: number, name: string): void {
    this.#arrived.push({ slot, name, hash: this.#hash(name) });
  }

  remove(slot: number): void {
    this.#ordered = this.#ordered.filter((entry) => entry.slot !== slot);
    this.#arrived = this.#arrived.filter((entry) => entry.slot !== slot);
  }

  /** Gives the nodes added since the last call their place. */
  settle(capacity: number): void {
    if (this.#arrived.length === 0) return;
    if (this.ranks.length < capacity) this.ranks = new Int32Array(capacity);
    if (this.#arrived.length > 16 || this.#ordered.length === 0) {
      this.#ordered = [...this.#ordered, ...this.#arrived].sort(compare);
    } else {
      for (const entry of this.#arrived) this.#ordered.splice(this.#placeOf(entry), 0, entry);
    }
    this.#arrived = [];
    for (let rank = 0; rank < this.#ordered.length; rank += 1) this.ranks[(this.#ordered[rank] as Entry).slot] = rank;
  }

  #placeOf(entry: Entry): number {
    let low = 0;
    let high = this.#ordered.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.#ordered[middle] as Entry, entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

interface Entry {
  readonly slot: number;
  readonly name: string;
  readonly hash: number;
}

function compare(left: Entry, right: Entry): number {
  if (left.hash !== right.hash) return left.hash - right.hash;
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}

/** FNV-1a over UTF-16 units with a final mix (so that names that differ in their last digit land far apart). */
export function hashOfName(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
