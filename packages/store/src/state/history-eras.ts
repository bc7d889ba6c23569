import { defaultRetention, eraBytesOf } from '../retention.ts';

/** A part of the kept history. Its records refer to nothing older than `from`, its first revision. */
export interface HistoryEra {
  readonly from: number;
  /** Of its records that are still there. */
  readonly bytes: number;
  /** Of all of them. */
  readonly written: number;
}

/**
 * The kept history as a row of eras. Where an era begins, everything before can go unread: what is kept does not refer to it. Eras depend on what was written alone, so
 * that they begin at the same revisions on all members; what was written before there were eras counts as one.
 */
export class HistoryEras {
  readonly #eraBytes: number;
  #eras: HistoryEra[];
  #bytes: number;

  /** `known` is of no use when it does not say what all the records take, `bytes`. */
  constructor(known: readonly HistoryEra[], bytes: number, eraBytes: number = eraBytesOf(defaultRetention)) {
    this.#eraBytes = eraBytes;
    this.#eras = sum(known) === bytes && known.length > 0 ? [...known] : [{ from: 0, bytes, written: bytes }];
    this.#bytes = bytes;
  }

  /** Ascending. */
  get all(): readonly HistoryEra[] {
    return this.#eras;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Where the era begins that a record of `revision`, which comes next, belongs to. */
  at(revision: number): number {
    if (this.#last.written >= this.#eraBytes) this.#eras.push({ from: revision, bytes: 0, written: 0 });
    return this.#last.from;
  }

  /** A record was written. */
  add(bytes: number): void {
    const { from, bytes: before, written } = this.#last;
    this.#eras[this.#eras.length - 1] = { from, bytes: before + bytes, written: written + bytes };
    this.#bytes += bytes;
  }

  /** The first era from which on the records take at most `most` bytes, but not less than `least`. */
  keeping(least: number, most: number): number | undefined {
    let left = this.#bytes;
    for (const { from, bytes } of this.#eras) {
      if (left <= most) return left >= least ? from : undefined;
      left -= bytes;
    }
    return undefined;
  }

  /** The last beginning of an era up to `revision`. */
  beginningUpTo(revision: number): number {
    return this.#eras.findLast(({ from }) => from <= revision)?.from ?? 0;
  }

  /** Bytes of the records below a beginning. */
  bytesBelow(beginning: number): number {
    return sum(this.#eras.filter(({ from }) => from < beginning));
  }

  /** So many bytes are gone, the oldest first. */
  deleted(bytes: number): void {
    let left = Math.min(bytes, this.#bytes);
    this.#bytes -= left;
    this.#eras = this.#eras.map((era) => {
      const gone = Math.min(left, era.bytes);
      left -= gone;
      return { ...era, bytes: era.bytes - gone };
    });
  }

  /** Nothing is left of what is older than a beginning. */
  endBelow(beginning: number): void {
    this.deleted(this.bytesBelow(beginning));
    this.#eras = this.#eras.filter(({ from }) => from >= beginning);
  }

  get #last(): HistoryEra {
    return this.#eras.at(-1) as HistoryEra;
  }
}

function sum(eras: readonly HistoryEra[]): number {
  return eras.reduce((total, { bytes }) => total + bytes, 0);
}
