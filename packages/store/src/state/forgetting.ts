import { unlessDamaged } from '../codec/byte-reader.ts';
import { prefixRange } from '../key-range.ts';
import type { OrderedMap } from '../mvcc/ordered-map.ts';
import type { KeyValue } from '../store.ts';
import type { HistorySlice, LastChange, StateDatabase } from './state-database.ts';
import { type Change, countChanges, decodeChanges, recordKeys } from './state-records.ts';

/** Keys remembered at once: some tens of megabytes. */
const keysMax = 250_000;
/** Revisions looked at together. */
const revisionsMax = 1_000_000;
/** Records deleted by one write: a crash right after it leaves the size of the history told too large by so many. */
export const deletedAtOnce = 512;

/** What forgetting needs of the state that it works on. */
export interface ForgettingPort {
  readonly database: StateDatabase;
  /** What is there now. */
  present(): OrderedMap<KeyValue>;
  /** Does `work` while nobody else writes. */
  exclusively(work: () => Promise<void>): Promise<void>;
  /** So many bytes of records are gone. */
  deleted(bytes: number): void;
}

/**
 * Deletes the history from `from`, its beginning, to below `below`, but not the last value of each key, which the rest may refer to. A key that
 * changed often is not written more often for it: what is to be forgotten is read from its end, so that the last change is met first, and deleted
 * from its beginning when all that lasts is written. What a crash leaves is the end, which tells the same when it is read again.
 */
export async function forgetHistory(
  port: ForgettingPort,
  from: number,
  below: number,
  keysAtOnce: number = keysMax,
): Promise<void> {
  if (from < below) await new Forgetting(port, keysAtOnce).part(from, below);
}

class Forgetting {
  readonly #port: ForgettingPort;
  readonly #keysMax: number;

  constructor(port: ForgettingPort, keysMax: number) {
    this.#port = port;
    this.#keysMax = keysMax;
  }

  /** Everything from `from` on and below `below`; nothing older is there. */
  async part(from: number, below: number): Promise<void> {
    if (below - from > revisionsMax) return await this.#inParts(from, below - revisionsMax, below);
    const last = new LastChanges(from, below);
    const records: [key: string, bytes: number][] = [];
    for await (const slice of this.#port.database.historyFromEnd(from, below)) {
      await this.#keep(slice, last);
      for (const [key, record] of slice) records.push([key, record.length]);
      const reached = recordKeys.revisionOf((records.at(-1) as [string, number])[0]);
      if (last.keys > this.#keysMax && reached > from) return await this.#inParts(from, reached, below);
    }
    await this.#delete(records.reverse());
  }

  /** What is older goes first, for the last change of a key must be the last to be written. */
  async #inParts(from: number, middle: number, below: number): Promise<void> {
    await this.part(from, middle);
    await this.part(middle, below);
  }

  async #keep(slice: HistorySlice, last: LastChanges): Promise<void> {
    const { database } = this.#port;
    const changes = slice.flatMap(([key, record]) => last.of(key, record, this.#port.present()));
    if (changes.length > 0) await this.#port.exclusively(() => database.keepLast(changes, this.#port.present()));
  }

  async #delete(records: readonly (readonly [key: string, bytes: number])[]): Promise<void> {
    const { database } = this.#port;
    for (let at = 0; at < records.length; at += deletedAtOnce) {
      const some = records.slice(at, at + deletedAtOnce);
      await this.#port.exclusively(() => database.deleteRecords(some.map(([key]) => key)));
      this.#port.deleted(some.reduce((sum, [, bytes]) => sum + bytes, 0));
    }
  }
}

/** Finds the last change of each key in records from `from` on and below `below`, told from the last record to the first. */
class LastChanges {
  readonly #from: number;
  readonly #seen = new Set<string>();
  /** Of each revision, how many of its changes were replaced by later ones: of all means that there is nothing in it to be looked for. */
  readonly #replaced: Uint32Array;

  constructor(from: number, below: number) {
    this.#from = from;
    this.#replaced = new Uint32Array(below - from);
  }

  /** How many are remembered. */
  get keys(): number {
    return this.#seen.size;
  }

  of(recordKey: string, record: Uint8Array, present: OrderedMap<KeyValue>): LastChange[] {
    const at = recordKeys.revisionOf(recordKey);
    const count = unlessDamaged(() => countChanges(recordKey, record, (revision) => this.#replace(revision)));
    if (count === this.#replaced[at - this.#from]) return [];
    // What a damaged record changed cannot be told. Who is referred to it will notice.
    const changes = count === undefined ? presentAt(present, at) : decodeChanges(record, (key) => !this.#seen.has(key));
    const last: LastChange[] = [];
    for (const change of changes.toReversed()) {
      if (this.#seen.has(change.key)) continue;
      this.#seen.add(change.key);
      last.push({ ...change, at });
    }
    return last;
  }

  #replace(revision: number): void {
    const at = revision - this.#from;
    if (at >= 0) this.#replaced[at] = (this.#replaced[at] ?? 0) + 1;
  }
}

/** What is present since a revision, told without its history. */
function presentAt(present: OrderedMap<KeyValue>, at: number): readonly Change[] {
  const kvs = present.slice(prefixRange(''), Number.POSITIVE_INFINITY);
  return kvs.filter(({ modRevision }) => modRevision === at).map((kv) => ({ key: kv.key, kv }));
}
