import { crc32 } from 'node:zlib';
import { type Entry, parseEntryFrame } from '@berth/raft';
import { ClassicLevel } from 'classic-level';
import { CodecError } from '../codec/byte-reader.ts';
import { ByteWriter } from '../codec/byte-writer.ts';
import type { ChainIndex } from './chain-index.ts';
import {
  decodeBase,
  decodeHardState,
  encodeBase,
  encodeEntryRecord,
  encodeHardState,
  lastPossibleIndex,
  logKeys,
  recordChain,
  recordFrameOffset,
  type StoredBase,
  type StoredHardState,
} from './log-records.ts';

type LogLevel = ClassicLevel<string, Uint8Array>;
type LogBatch = ReturnType<LogLevel['batch']>;

const readAtOnce = 256;

/** A stored entry as it is found: with its chain value, not yet judged. */
export interface StoredEntry {
  readonly index: number;
  readonly chain: number;
  readonly record: Uint8Array;
}

/** Entries, base and hard state in a LevelDB of their own, so that the state's compaction never stalls an append. */
export class LogDatabase {
  readonly #level: LogLevel;
  readonly #scratch = new ByteWriter(64 * 1024);
  /** Nothing is left of other generations, nor of this one up to here. */
  #cleared: { readonly generation: number; readonly index: number } | undefined;

  private constructor(level: LogLevel) {
    this.#level = level;
  }

  /** Small buffers: larger ones only lengthen the pauses. Values are texts for the most part, which compress well. */
  static async open(folder: string): Promise<LogDatabase> {
    const level: LogLevel = new ClassicLevel(folder, { keyEncoding: 'utf8', valueEncoding: 'view' });
    await level.open();
    return new LogDatabase(level);
  }

  /** Undefined when there is none; throws a `CodecError` when it is damaged. */
  async readBase(): Promise<StoredBase | undefined> {
    const record = await this.#level.get(logKeys.base);
    return record === undefined ? undefined : decodeBase(record);
  }

  /** The copies that verify, and how many do not. */
  async readHardStates(): Promise<{ readonly found: StoredHardState[]; readonly damaged: number }> {
    const found: StoredHardState[] = [];
    let damaged = 0;
    for (const key of logKeys.hardStates) {
      const record = await this.#level.get(key);
      if (record === undefined) continue;
      try {
        found.push(decodeHardState(key, record));
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
        damaged += 1;
      }
    }
    return { found, damaged };
  }

  /** Whatever is stored after `base`, ascending; holes are for the caller to notice. */
  async *storedEntries(generation: number, base: number): AsyncGenerator<StoredEntry, void, undefined> {
    const iterator = this.#level.iterator(logKeys.entries(generation, base + 1, lastPossibleIndex));
    try {
      for (;;) {
        const entries = await iterator.nextv(readAtOnce);
        if (entries.length === 0) return;
        for (const [key, record] of entries) yield { index: logKeys.indexOf(key), chain: recordChain(record), record };
      }
    } finally {
      await iterator.close();
    }
  }

  /** Consecutive entries from `from` on, at most `maxBytes` of frames but at least one. Throws when one does not verify. */
  async read(generation: number, from: number, to: number, maxBytes: number): Promise<Entry[]> {
    const iterator = this.#level.iterator(logKeys.entries(generation, from, to));
    const entries: Entry[] = [];
    let bytes = 0;
    try {
      for (let wanted = from; wanted <= to; wanted++) {
        const found = await iterator.next();
        if (found === undefined || logKeys.indexOf(found[0]) !== wanted)
          throw new CodecError(`entry ${wanted} is missing from the log`);
        const entry = parseRecord(found[1]);
        bytes += entry.frame.length;
        if (entries.length > 0 && bytes > maxBytes) break;
        entries.push(entry);
      }
    } finally {
      await iterator.close();
    }
    return entries;
  }

  batch(): LogBatchWriter {
    return new LogBatchWriter(this.#level.batch(), this.#scratch);
  }

  /**
   * Deletes what lies before the base and what other generations left, in slices, without syncing. LevelDB reads over every mark of a deletion until it
   * compacts: so each time it begins where the last one ended.
   */
  async deleteObsolete(generation: number, base: number): Promise<void> {
    const ranges =
      this.#cleared?.generation === generation
        ? [logKeys.entries(generation, this.#cleared.index + 1, base)]
        : logKeys.obsolete(generation, base);
    for (const range of ranges) await this.#level.clear(range);
    this.#cleared = { generation, index: base };
  }

  async close(): Promise<void> {
    await this.#level.close();
  }
}

/** One atomic, synced write in the making. */
export class LogBatchWriter {
  readonly #batch: LogBatch;
  /** LevelDB takes a copy of every record at once, so one piece of memory serves all of them. */
  readonly #scratch: ByteWriter;
  bytes = 0;
  entries = 0;

  constructor(batch: LogBatch, scratch: ByteWriter) {
    this.#batch = batch;
    this.#scratch = scratch;
  }

  truncate(generation: number, from: number, last: number): void {
    for (let index = from; index <= last; index++) this.#batch.del(logKeys.entry(generation, index));
  }

  append(generation: number, entry: Entry, chains: ChainIndex): void {
    const record = encodeEntryRecord(chains.append(entry), entry.frame, this.#scratch);
    this.#batch.put(logKeys.entry(generation, entry.index), record);
    this.bytes += record.length;
    this.entries += 1;
  }

  base(stored: StoredBase): void {
    this.#batch.put(logKeys.base, encodeBase(stored));
  }

  hardState(stored: StoredHardState): void {
    this.#batch.put(logKeys.hardState(stored.seq), encodeHardState(stored));
  }

  async commit(): Promise<void> {
    await this.#batch.write({ sync: true });
  }
}

/** The entry of a record read back; throws a `CodecError` when it does not verify. */
export function parseRecord(record: Uint8Array): Entry {
  // LevelDB's buffer is handed over whole: a copy keeps only what the entry needs.
  const parsed = parseEntryFrame(new Uint8Array(record.subarray(recordFrameOffset)), 0, crc32);
  if (!parsed.ok) throw new CodecError(parsed.fault);
  return parsed.entry;
}
