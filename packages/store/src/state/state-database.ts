import { ClassicLevel } from 'classic-level';
import { CodecError } from '../codec/byte-reader.ts';
import { ByteWriter } from '../codec/byte-writer.ts';
import { sealed, unsealed } from '../codec/checksum.ts';
import type { KeyValue, StoreEvent } from '../store.ts';
import type { HistoryJournal } from './history-journal.ts';
import { LatestValues } from './latest-values.ts';
import { decodeMeta, encodeMeta, type StateMeta } from './state-meta.ts';
import { decodeChanges, decodeTransaction, decodeUnverified, encodeValue, recordKeys } from './state-records.ts';

export type StateLevel = ClassicLevel<string, Uint8Array>;

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
  /** Emptied by writing. */
  readonly history: HistoryJournal;
  readonly sessions: readonly (readonly [id: number, record: Uint8Array | undefined])[];
}

/** Four times LevelDB's own: keys that change all over the key space are merged into the tables that much more rarely. */
const writeBufferSize = 16 * 1024 * 1024;
/** Records and bytes per read of an iterator: some milliseconds of work for who takes them. */
const readAtOnce = 1000;
const readBytesAtOnce = 512 * 1024;

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
    for await (const block of readBlocks(this.level, history, { reverse: true }))
      for (const [key, value] of block) latest.change(recordKeys.revisionOf(key), decodeChanges(value));
    latest.endHistory(settledRevision);
    for await (const block of readBlocks(this.level, recordKeys.allPresent))
      for (const [recordKey, value] of block) {
        const key = recordKeys.keyOf(recordKey);
        if (latest.lacks(key)) latest.add(decodeUnverified(key, value));
      }
    return latest;
  }

  /** `sync`: durable when it resolves; otherwise only in order. */
  async write(batch: StateBatch, options: { readonly sync: boolean }): Promise<void> {
    const chain = this.level.batch();
    for (const [key, kv] of batch.present) this.#putValue(chain, recordKeys.present(key), kv);
    batch.history.drain((at, record) => void chain.put(recordKeys.history(at), record));
    for (const [id, record] of batch.sessions) {
      const key = recordKeys.session(id);
      if (record === undefined) chain.del(key);
      else chain.put(key, sealed(key, record));
    }
    chain.put(recordKeys.meta, encodeMeta(batch.meta));
    await chain.write({ sync: options.sync });
  }

  /**
   * Deletes history below `at` in slices, so that nothing else waits long; tells the bytes of each slice. A value that is `superseded`, not
   * present any more, is kept for the history that refers to it.
   */
  async forgetHistory(
    at: number,
    superseded: (kv: KeyValue) => boolean,
    forgotten: (bytes: number) => void,
  ): Promise<void> {
    for (;;) {
      const slice = this.level.iterator({ ...recordKeys.historyBelow(at), limit: readAtOnce });
      const records = await slice.nextv(readAtOnce);
      await slice.close();
      if (records.length === 0) return;
      const chain = this.level.batch();
      let bytes = 0;
      const previous = new Map<string, KeyValue | undefined>();
      for (const [key, value] of records) {
        chain.del(key);
        bytes += value.length;
        for (const event of eventsOf(key, value)) {
          if (event.kind === 'put') previous.set(event.kv.key, superseded(event.kv) ? event.kv : undefined);
          else previous.set(event.key, undefined);
        }
      }
      for (const [key, kv] of previous) this.#putValue(chain, recordKeys.previous(key), kv);
      await chain.write();
      forgotten(bytes);
    }
  }

  async close(): Promise<void> {
    await this.level.close();
  }

  #putValue(chain: ReturnType<StateLevel['batch']>, recordKey: string, kv: KeyValue | undefined): void {
    if (kv === undefined) chain.del(recordKey);
    else chain.put(recordKey, encodeValue(recordKey, kv, this.#scratch));
    this.#scratch.reset();
  }

  /** Without a meta record there must be nothing at all: otherwise it was lost. */
  async #mustBeEmpty(): Promise<void> {
    const keys = await this.level.keys({ limit: 1 }).all();
    if (keys.length > 0) throw new CodecError('the meta record is missing from a state that has others');
  }
}

/** What a damaged record changed cannot be told; who is referred to it will notice. */
function eventsOf(key: string, record: Uint8Array): readonly StoreEvent[] {
  try {
    return decodeTransaction(key, record).events;
  } catch (error) {
    if (error instanceof CodecError) return [];
    throw error;
  }
}

/** Entries of a range, in blocks: waiting for each of millions would take longer than reading them. While one is being used the next is read. */
export async function* readBlocks(
  level: StateLevel,
  range: { readonly gte: string; readonly lt: string },
  options: { readonly snapshot?: ReturnType<StateLevel['snapshot']>; readonly reverse?: boolean } = {},
): AsyncGenerator<[string, Uint8Array][], void, undefined> {
  const iterator = level.iterator({ ...range, ...options, highWaterMarkBytes: readBytesAtOnce });
  let next = iterator.nextv(readAtOnce);
  try {
    for (;;) {
      const entries = await next;
      if (entries.length === 0) return;
      next = iterator.nextv(readAtOnce);
      yield entries;
    }
  } finally {
    // Nobody wants to know any more what became of the one that was read ahead.
    await next.catch(() => undefined);
    await iterator.close();
  }
}
