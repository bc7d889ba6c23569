import { type BoundedRange, inRange } from '../key-range.ts';
import type { KeyValue } from '../store.ts';
import type { OrderedMap } from './ordered-map.ts';
import { eventKey, type Transaction } from './transaction.ts';

/**
 * The state of a range at an old revision: the present, with every key that changed since put back to what it was before its first
 * change. Feed it all transactions after that revision, oldest first.
 */
export class PastView {
  readonly #range: BoundedRange;
  readonly #before = new Map<string, KeyValue | undefined>();

  constructor(range: BoundedRange) {
    this.#range = range;
  }

  add(transactions: readonly Transaction[]): void {
    for (const transaction of transactions) {
      for (const event of transaction.events) {
        const key = eventKey(event);
        if (inRange(this.#range, key) && !this.#before.has(key)) this.#before.set(key, event.previous);
      }
    }
  }

  /** Ascending by key. */
  over(present: OrderedMap<KeyValue>): readonly KeyValue[] {
    const unchanged = present.slice(this.#range, Number.POSITIVE_INFINITY);
    if (this.#before.size === 0) return unchanged;
    const kvs = unchanged.filter((kv) => !this.#before.has(kv.key));
    for (const kv of this.#before.values()) if (kv !== undefined) kvs.push(kv);
    return kvs.sort((a, b) => (a.key < b.key ? -1 : 1));
  }
}
