import { indexAfter, type LogIndex, lowerIndex } from '../vocabulary/log-index.ts';

interface PendingWrite {
  readonly seq: number;
  /** Log end that is durable once this write is, as far as it was not truncated since. */
  reaches: LogIndex;
  /** Ticks since it was ordered. */
  age: number;
}

/**
 * Writes that were ordered and are not yet durable. Completions are told apart by sequence, never by index: an index that was truncated and
 * written again while an old write was under way is durable only with the new write (rule 24).
 */
export class PersistQueue {
  #records: PendingWrite[] = [];
  #nextSeq = 1;
  #durableIndex: LogIndex;

  constructor(durableIndex: LogIndex) {
    this.#durableIndex = durableIndex;
  }

  get durableIndex(): LogIndex {
    return this.#durableIndex;
  }

  /** Sequence of the youngest unfinished write, 0 when everything is durable. */
  get lastPending(): number {
    return this.#records.at(-1)?.seq ?? 0;
  }

  /** Sequence of the oldest unfinished write, 0 when everything is durable. */
  get firstPending(): number {
    return this.#records[0]?.seq ?? 0;
  }

  /** Age of the oldest unfinished write in ticks. */
  get oldestAge(): number {
    return this.#records[0]?.age ?? 0;
  }

  /** Sequence the next write will get. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  order(lastIndex: LogIndex): number {
    const seq = this.#nextSeq++;
    this.#records.push({ seq, reaches: lastIndex, age: 0 });
    return seq;
  }

  /** Entries from `index` on are void: neither finished nor unfinished writes vouch for them any more. */
  truncateFrom(index: LogIndex): void {
    const last = indexAfter(index, -1);
    this.#durableIndex = lowerIndex(this.#durableIndex, last);
    for (const record of this.#records) record.reaches = lowerIndex(record.reaches, last);
  }

  /** Everything up to `seq` is durable. */
  complete(seq: number): void {
    let done = 0;
    for (const record of this.#records) {
      if (record.seq > seq) break;
      if (record.reaches > this.#durableIndex) this.#durableIndex = record.reaches;
      done++;
    }
    if (done > 0) this.#records.splice(0, done);
  }

  /** Ages every unfinished write. */
  tick(ticks: number): void {
    for (const record of this.#records) record.age += ticks;
  }
}
