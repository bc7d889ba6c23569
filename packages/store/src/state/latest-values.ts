import { CodecError } from '../codec/byte-reader.ts';
import { ValueSlab } from '../codec/value-slab.ts';
import type { KeyValue } from '../store.ts';
import { type Change, liesElsewhere } from './state-records.ts';

/**
 * The present, put together from its two parts like in `PresentValues`, but from the end: the last change of a key is its present, and
 * everything before it need not even be looked at. Values are copied. Checksums of the records are left to the state hash, which covers all that is
 * kept of them.
 */
export class LatestValues {
  readonly kvs: KeyValue[] = [];
  /** Keys whose values are still to be found elsewhere. */
  readonly references: KeyValue[] = [];
  /** Keys that changed after the settled revision. */
  readonly unsettled: Set<string> = new Set();
  readonly #slab = new ValueSlab();
  #next: number;

  /** `revision`: the last one. */
  constructor(revision: number) {
    this.#next = revision;
  }

  /** All transactions after the settled revision, the last one first; a `CodecError` when one is left out. Of their changes only those of keys that are lacking count. */
  change(revision: number, changes: readonly Change[]): void {
    if (revision !== this.#next) throw missing(this.#next);
    this.#next -= 1;
    for (let at = changes.length - 1; at >= 0; at--) {
      const { key, kv } = changes[at] as Change;
      const known = this.unsettled.size;
      if (this.unsettled.add(key).size > known && kv !== undefined) this.add(kv);
    }
  }

  /** A `CodecError` when the history does not reach back to what is settled. */
  endHistory(settledRevision: number): void {
    if (this.#next !== settledRevision) throw missing(this.#next);
  }

  /** Whether the history does not tell what became of this key. */
  lacks(key: string): boolean {
    return !this.unsettled.has(key);
  }

  /** What a record of the present says of a key that the history lacks. */
  addPresent(kv: KeyValue): void {
    if (liesElsewhere(kv)) this.references.push(kv);
    else this.add(kv);
  }

  add({ key, createRevision, modRevision, version, value }: KeyValue): void {
    this.kvs.push({ key, createRevision, modRevision, version, value: this.#slab.copy(value) });
  }
}

function missing(revision: number): CodecError {
  return new CodecError(`revision ${revision} is missing from the history`);
}
