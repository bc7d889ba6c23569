import type { Transaction } from './transaction.ts';

/**
 * The newest transactions, ascending by revision, in memory. A queue over an array whose dead front is cut off now and then,
 * so that both ends cost O(1).
 */
export class RecentHistory {
  /** Undefined before `#start`: what was dropped must not be held by its empty place. */
  #transactions: (Transaction | undefined)[] = [];
  #start = 0;
  #bytes = 0;

  get length(): number {
    return this.#transactions.length - this.#start;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get oldest(): Transaction | undefined {
    return this.#transactions[this.#start];
  }

  append(transaction: Transaction): void {
    this.#transactions.push(transaction);
    this.#bytes += transaction.bytes;
  }

  dropOldest(): void {
    const oldest = this.#transactions[this.#start];
    if (oldest === undefined) return;
    this.#bytes -= oldest.bytes;
    this.#transactions[this.#start] = undefined;
    this.#start += 1;
    if (this.#start > 1024 && this.#start * 2 > this.#transactions.length) {
      this.#transactions = this.#transactions.slice(this.#start);
      this.#start = 0;
    }
  }

  clear(): void {
    this.#transactions = [];
    this.#start = 0;
    this.#bytes = 0;
  }

  /** At most `limit` transactions from `revision` on, oldest first. */
  from(revision: number, limit: number): readonly Transaction[] {
    const at = this.#firstNot((transaction) => transaction.revision < revision);
    return this.#transactions.slice(at, at + limit) as Transaction[];
  }

  /** The last transaction proposed at or before `wallMs`; wall time never falls along the history. */
  lastAtOrBefore(wallMs: number): Transaction | undefined {
    const at = this.#firstNot((transaction) => transaction.wallMs <= wallMs);
    return at > this.#start ? this.#transactions[at - 1] : undefined;
  }

  /** Position of the first transaction for which `before` is false; it must be true for all earlier ones only. */
  #firstNot(before: (transaction: Transaction) => boolean): number {
    let low = this.#start;
    let high = this.#transactions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (before(this.#transactions[middle] as Transaction)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
