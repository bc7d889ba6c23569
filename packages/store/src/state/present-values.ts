import { CodecError } from '../codec/byte-reader.ts';
import type { Transaction } from '../mvcc/transaction.ts';
import type { KeyValue } from '../store.ts';
import { liesElsewhere } from './state-records.ts';

/**
 * The present, put together from the records of a state in their order: those of keys, which hold at least the settled revision and may refer to
 * the history for a value; the history; what was kept of it. A record of a key may be newer than the settled revision already; the history then says again
 * what is there.
 */
export class PresentValues {
  readonly #kvs = new Map<string, KeyValue>();
  /** Revisions whose values are referred to. */
  readonly #referred = new Set<number>();
  readonly #settledRevision: number;
  #revision: number;

  constructor(settledRevision: number) {
    this.#settledRevision = settledRevision;
    this.#revision = settledRevision;
  }

  add(kv: KeyValue): void {
    this.#kvs.set(kv.key, kv);
    if (liesElsewhere(kv)) this.#referred.add(kv.modRevision);
  }

  /** Whether a record of the history tells anything of the present. */
  needs(revision: number): boolean {
    return revision > this.#settledRevision || this.#referred.has(revision);
  }

  /** All transactions that it needs, in order; a `CodecError` when one after the settled revision is left out. */
  change(transaction: Transaction): void {
    const { revision, events } = transaction;
    if (revision <= this.#settledRevision) {
      for (const event of events) if (event.kind === 'put') this.find(event.kv);
      return;
    }
    if (revision !== this.#revision + 1)
      throw new CodecError(`revision ${this.#revision + 1} is missing from the history`);
    this.#revision = revision;
    for (const event of events) {
      if (event.kind === 'put') this.#kvs.set(event.kv.key, event.kv);
      else this.#kvs.delete(event.key);
    }
  }

  /** A value that is told elsewhere. */
  find(kv: KeyValue): void {
    const present = this.#kvs.get(kv.key);
    if (present !== undefined && liesElsewhere(present) && present.modRevision === kv.modRevision)
      this.#kvs.set(kv.key, kv);
  }

  /** What there is at the last revision; a `CodecError` when the history does not reach it, or lacks a value. */
  at(revision: number): ReadonlyMap<string, KeyValue> {
    if (this.#revision !== revision)
      throw new CodecError(`the history ends at ${this.#revision}, the state is of ${revision}`);
    for (const kv of this.#kvs.values())
      if (liesElsewhere(kv)) throw new CodecError(`the value of ${kv.key} at revision ${kv.modRevision} is missing`);
    return this.#kvs;
  }
}
