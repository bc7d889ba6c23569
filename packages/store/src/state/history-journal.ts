import { ByteWriter } from '../codec/byte-writer.ts';
import type { Transaction } from '../mvcc/transaction.ts';
import { writeTransaction } from './state-records.ts';

/** Memory kept for the next round. */
const keptBytes = 4 * 1024 * 1024;

/** Sealed records of the history that wait to be written, one behind the other in memory that is used again and again. */
export class HistoryJournal {
  #writer = new ByteWriter(64 * 1024);
  /** Revision, and where its record ends. */
  #records: (readonly [at: number, end: number])[] = [];

  get bytes(): number {
    return this.#writer.length;
  }

  /** See `writeTransaction`. */
  append(transaction: Transaction, referFrom: number): void {
    writeTransaction(this.#writer, transaction, referFrom);
    this.#records.push([transaction.revision, this.#writer.length]);
  }

  /** Hands out everything, as views that hold only during the call of `take`, and begins anew. */
  drain(take: (at: number, record: Uint8Array) => void): void {
    const all = this.#writer.finish();
    let start = 0;
    for (const [at, end] of this.#records) {
      take(at, all.subarray(start, end));
      start = end;
    }
    this.#records = [];
    if (all.length > keptBytes) this.#writer = new ByteWriter(keptBytes);
    else this.#writer.reset();
  }
}
