import { CodecError } from '../codec/byte-reader.ts';
import type { Transaction } from '../mvcc/transaction.ts';
import type { KeyValue } from '../store.ts';

/**
 * The present, put together from its two parts: records of values, which hold at least the settled revision, and the history after it. A
 * record may be newer than the settled revision already; the history then says again what is there.
 */
export class PresentValues {
  readonly #kvs = new Map<string, KeyValue>();
  #revision: number;

  constructor(settledRevision: number) {
    this.#revision = settledRevision;
  }

  add(kv: KeyValue): void {
    this.#kvs.set(kv.key, kv);
  }

  /** All transactions after the settled revision, in order; a `CodecError` when one is left out. */
  change(transaction: Transaction): void {
    if (transaction.revision !== this.#revision + 1)
      throw new CodecError(`revision ${this.#revision + 1} is missing from the history`);
    this.#revision = transaction.revision;
    for (const event of transaction.events) {
      if (event.kind === 'put') this.add(event.kv);
      else this.#kvs.delete(event.key);
    }
  }

  /** What there is at the last revision; a `CodecError` when the history does not reach it. */
  at(revision: number): ReadonlyMap<string, KeyValue> {
    if (this.#revision !== revision)
      throw new CodecError(`the history ends at ${this.#revision}, the state is of ${revision}`);
    return this.#kvs;
  }
}
