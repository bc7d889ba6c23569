import { ClassicLevel } from 'classic-level';
import { CodecError } from '../codec/byte-reader.ts';
import { ByteWriter } from '../codec/byte-writer.ts';
import { sealed, unsealed } from '../codec/checksum.ts';
import type { OrderedMap } from '../mvcc/ordered-map.ts';
import type { KeyValue } from '../store.ts';
import type { HistoryJournal } from './history-journal.ts';
import { LatestValues } from './latest-values.ts';
import { readBlocks, type StateLevel } from './level-blocks.ts';
import { readReferred } from './referred-values.ts';
import { decodeMeta, encodeMeta, type StateMeta } from './state-meta.ts';
import {
  type Change,
  decodeChanges,
  decodeUnverified,
  encodePresent,
  encodeValue,
  recordKeys,
} from './state-records.ts';

/** Records of the history. */
export type HistorySlice = readonly (readonly [key: string, record: Uint8Array])[];

/** The last change of a key that goes with its history. */
export interface LastChange extends Change {
  readonly at: number;
}

type Batch = ReturnType<StateLevel['batch']>;

/** Everything a database holds but its older history, verified as a whole. */
export interface LoadedState {
  readonly meta: StateMeta;
  readonly kvs: Iterable<KeyValue>;
  /** Keys that changed after the settled revision. */
  readonly unsettled: ReadonlySet<string>;
  readonly sessions: readonly (readonly [id: number, record: Uint8Array])[];
}

/** One atomic step of the database. */
export interface StateBatch {
  readonly meta: StateMeta;
  /** Present values to write; undefined deletes the key. */
  readonly present: Iterable<readonly [key: string, kv: KeyValue | undefined]>;
  /** First revision from which on the history is complete. */
  readonly referFrom: number;
  /** Emptied by writing. */
  readonly history: HistoryJournal;
  readonly sessions: readonly (readonly [id: number, record: Uint8Array | undefined])[];
}

/** Four times LevelDB's own: keys that change all over the key space are merged into the tables that much more rarely. */
const writeBufferSize = 16 * 1024 * 1024;

/**
 * The applied state on disk. Written without syncing, because the log holds everything again; synced before the log is shortened.
 * Batches are atomic and in order, so whatever survives a crash is a state that once was.
 */
export class StateDatabase {
  readonly level: StateLevel;
  /** LevelDB takes a copy of every record at once, so one piece of memory serves all of them. */
  readonly #scratch = new ByteWriter(4096);

  private constructor(level: StateLevel) {
    this.level = level;
  }

  /** Makes the folder when it does not exist. A second process on the same folder is refused by LevelDB's lock. */
  static async open(folder: string): Promise<StateDatabase> {
    const level: StateLevel = new ClassicLevel(folder, { keyEncoding: 'utf8', valueEncoding: 'view', writeBufferSize });
    await level.open();
    return new StateDatabase(level);
  }

  /** The whole state in memory; throws a `CodecError` that says what is missing or altered. */
  async load(): Promise<LoadedState | undefined> {
    const record = await this.level.get(recordKeys.meta);
    if (record === undefined) {
      await this.#mustBeEmpty();
      return undefined;
    }
    const meta = decodeMeta(record);
    const { kvs, unsettled } = await this.#loadPresent(meta);
    if (kvs.length !== meta.keys) throw new CodecError(`the state has ${kvs.length} keys, it should have ${meta.keys}`);
    const sessions: (readonly [number, Uint8Array])[] = [];
    for await (const block of readBlocks(this.level, recordKeys.allSessions))
      for (const [key, value] of block)
        sessions.push([recordKeys.sessionOf(key), new Uint8Array(unsealed(key, value))]);
    return { meta, kvs, unsettled, sessions };
  }

  /** History first, for most of the present values on disk may be older than it. */
  async #loadPresent({ settledRevision, revision }: StateMeta): Promise<LatestValues> {
    const latest = new LatestValues(revision);
    const history = recordKeys.historyBetween(settledRevision + 1, revision);
    const lacks = (key: string): boolean => latest.lacks(key);
    for await (const block of readBlocks(this.level, history, { reverse: true }))
      for (const [key, value] of block) latest.change(recordKeys.revisionOf(key), decodeChanges(value, lacks));
    latest.endHistory(settledRevision);
    for await (const block of readBlocks(this.level, recordKeys.allPresent))
      for (const [recordKey, value] of block) {
        const key = recordKeys.keyOf(recordKey);
        if (latest.lacks(key)) latest.addPresent(decodeUnverified(key, value));
      }
    await readReferred(this.level, latest.references, (kv) => latest.add(kv));
    return latest;
  }

  /** `sync`: durable when it resolves; otherwise only in order. */
  async write(batch: StateBatch, options: { readonly sync: boolean }): Promise<void> {
    const chain = this.level.batch();
    for (const [key, kv] of batch.present) this.#putPresent(chain, key, kv, batch.referFrom);
    batch.history.drain((at, record) => void chain.put(recordKeys.history(at), record));
    for (const [id, record] of batch.sessions) {
      const key = recordKeys.session(id);
      if (record === undefined) chain.del(key);
      else chain.put(key, sealed(key, record));
    }
    chain.put(recordKeys.meta, encodeMeta(batch.meta));
    await chain.write({ sync: options.sync });
  }

  /** The first revision whose history is still there. */
  async oldestHistory(): Promise<number | undefined> {
    const [key] = await this.level.keys({ ...recordKeys.historyFrom(0), limit: 1 }).all();
    return key === undefined ? undefined : recordKeys.revisionOf(key);
  }

  /** History from `from` on and below `below`, the last records first. */
  historyFromEnd(from: number, below: number): AsyncIterable<HistorySlice> {
    return readBlocks(this.level, recordKeys.historyBetween(from, below - 1), { reverse: true });
  }

  /**
   * Writes what the history will not tell any more. A value that is still `present` moves to the record of its key; one that is there no more is
   * kept for the history that refers to it.
   */
  async keepLast(changes: readonly LastChange[], present: OrderedMap<KeyValue>): Promise<void> {
    const chain = this.level.batch();
    for (const { key, kv, at } of changes) {
      const lasts = present.get(key)?.modRevision === at;
      this.#putValue(chain, recordKeys.previous(key), lasts ? undefined : kv);
      if (lasts && kv !== undefined) this.#putValue(chain, recordKeys.present(key), kv);
    }
    await chain.write();
  }

  /** Values move to the records of their keys. */
  async putValues(kvs: readonly KeyValue[]): Promise<void> {
    const chain = this.level.batch();
    for (const kv of kvs) this.#putValue(chain, recordKeys.present(kv.key), kv);
    await chain.write();
  }

  /** Nothing refers any more to what `keepLast` has kept. */
  async clearPrevious(): Promise<void> {
    await this.level.clear(recordKeys.allPrevious);
  }

  async deleteRecords(keys: readonly string[]): Promise<void> {
    const chain = this.level.batch();
    for (const key of keys) chain.del(key);
    await chain.write();
  }

  async close(): Promise<void> {
    await this.level.close();
  }

  #putValue(chain: Batch, recordKey: string, kv: KeyValue | undefined): void {
    if (kv === undefined) chain.del(recordKey);
    else chain.put(recordKey, encodeValue(recordKey, kv, this.#scratch));
    this.#scratch.reset();
  }

  #putPresent(chain: Batch, key: string, kv: KeyValue | undefined, referFrom: number): void {
    const recordKey = recordKeys.present(key);
    if (kv === undefined) chain.del(recordKey);
    else chain.put(recordKey, encodePresent(recordKey, kv, referFrom, this.#scratch));
    this.#scratch.reset();
  }

  /** Without a meta record there must be nothing at all: otherwise it was lost. */
  async #mustBeEmpty(): Promise<void> {
    const keys = await this.level.keys({ limit: 1 }).all();
    if (keys.length > 0) throw new CodecError('the meta record is missing from a state that has others');
  }
}
