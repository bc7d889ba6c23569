import { keyAfter, prefixRange } from '../key-range.ts';
import type { OrderedMap } from '../mvcc/ordered-map.ts';
import type { Revision } from '../revision.ts';
import type { KeyValue } from '../store.ts';

/** Values settled with one batch, and keys looked at for them: some milliseconds of this thread. */
const keysPerBatch = 4000;
const looksPerBatch = 40_000;

/**
 * Brings present values to where the history is: one walk over all keys, in their order, which LevelDB takes most easily. What changes while
 * it is under way may be written as it was before or as it is then: the history after `through` tells what became of it.
 */
export class SettlingPass {
  /** Everything up to here is settled when the pass is over. */
  readonly through: Revision;
  readonly #present: OrderedMap<KeyValue>;
  /** What changed up to here was settled before. */
  readonly #after: Revision;
  readonly #removed: IterableIterator<string>;
  #next: string | undefined = everything.from;

  /** `removed`: keys that were deleted after `after`, also those that have come again. It must not change any more. */
  constructor(present: OrderedMap<KeyValue>, after: Revision, through: Revision, removed: ReadonlySet<string>) {
    this.#present = present;
    this.#after = after;
    this.through = through;
    this.#removed = removed.values();
  }

  /** Nothing is left to be taken. */
  get over(): boolean {
    return this.#next === undefined;
  }

  /** The next keys to be written, and their values as they are now; undefined for a key that is gone. */
  take(): (readonly [string, KeyValue | undefined])[] {
    const taken: (readonly [string, KeyValue | undefined])[] = [];
    let looks = 0;
    // The iterator of a set goes on where it was left.
    for (const key of this.#removed) {
      // Those that have come again are met on the walk.
      if (this.#present.get(key) === undefined) taken.push([key, undefined]);
      looks += 1;
      if (taken.length >= keysPerBatch || looks >= looksPerBatch) return taken;
    }
    while (this.#next !== undefined && looks < looksPerBatch && taken.length < keysPerBatch) {
      const kvs = this.#present.slice({ from: this.#next, to: everything.to }, keysPerBatch - taken.length);
      for (const kv of kvs) if (kv.modRevision > this.#after) taken.push([kv.key, kv]);
      looks += kvs.length;
      const last = kvs.at(-1);
      this.#next = last === undefined ? undefined : keyAfter(last.key);
    }
    return taken;
  }
}

const everything = prefixRange('');
