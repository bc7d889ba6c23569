import type { Persist } from '@berth/raft';
import type { World } from '@berth/world';
import type { ChainIndex } from './chain-index.ts';
import { Histogram } from './histogram.ts';
import type { LogBatchWriter, LogDatabase } from './log-database.ts';
import type { StoredBase } from './log-records.ts';
import type { PromiseFile, Promises, Watermark } from './promise-file.ts';

/** One batch ends here; what is left waits for the next. */
const batchBytesMax = 1024 * 1024;
const batchEntriesMax = 1024;
const watermarkEveryMs = 1000;
const watermarkEveryBytes = 4 * 1024 * 1024;

export interface LogWriterStart {
  readonly storedBase: StoredBase;
  readonly chains: ChainIndex;
  readonly hardStateSeq: number;
  /** Last entry on disk, also one that is not to be used. */
  readonly storedLast: number;
}

export interface LogWriterListener {
  /** Everything up to and including `seq` is durable. */
  durable(seq: number): void;
  /** A write failed: nothing may be said or tried any more. */
  failed(error: unknown): void;
  /** A snapshot was installed: the state now lives in this folder. */
  installed(stateFolder: string, snapshotId: number): void;
}

/**
 * Group commit: one synced batch is under way, and whatever is ordered meanwhile becomes the next one. So an idle log answers after one
 * sync, and a busy one shares each sync among hundreds of entries.
 */
export class LogWriter {
  readonly #database: LogDatabase;
  readonly #promises: PromiseFile;
  readonly #world: World;
  readonly #listener: LogWriterListener;
  readonly #chains: ChainIndex;
  readonly syncMs: Histogram = new Histogram();
  readonly batchEntries: Histogram = new Histogram();
  #storedBase: StoredBase;
  #storedLast: number;
  #hardStateSeq: number;
  #queue: Persist[] = [];
  #working: Promise<void> | undefined;
  #watermarkDueMs = 0;
  #watermarkTimer: Disposable | undefined;
  #committing = false;
  #bytesSinceWatermark = 0;
  #deleting: Promise<void> = Promise.resolve();
  /** Set by the shell before an install is ordered: where the staged state lies. */
  stagedFolders: Map<number, string> = new Map();

  constructor(
    database: LogDatabase,
    promises: PromiseFile,
    world: World,
    start: LogWriterStart,
    listener: LogWriterListener,
  ) {
    this.#database = database;
    this.#promises = promises;
    this.#world = world;
    this.#listener = listener;
    this.#chains = start.chains;
    this.#storedBase = start.storedBase;
    this.#storedLast = start.storedLast;
    this.#hardStateSeq = start.hardStateSeq;
  }

  get generation(): number {
    return this.#storedBase.generation;
  }

  submit(persist: Persist): void {
    this.#queue.push(persist);
    this.#working ??= this.#work();
  }

  /** Ends in order: the log ends exactly at the watermark. */
  async close(): Promise<void> {
    await this.#working;
    await this.#deleting;
    this.#watermarkTimer?.[Symbol.dispose]();
    await this.#promises.update({ watermark: this.#watermark() });
  }

  /** Deletes what a crash or an installation left behind. */
  deleteObsolete(): void {
    const { generation, base } = this.#storedBase;
    this.#deleting = this.#deleting
      .then(() => this.#database.deleteObsolete(generation, base.index))
      .catch((error) => this.#listener.failed(error));
  }

  async #work(): Promise<void> {
    // What else has arrived by now belongs into the first batch.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (this.#queue.length > 0) await this.#commitBatch();
    } catch (error) {
      this.#listener.failed(error);
    } finally {
      this.#working = undefined;
    }
  }

  async #commitBatch(): Promise<void> {
    const batch = this.#database.batch();
    const taken: Persist[] = [];
    while (this.#queue.length > 0 && batch.bytes < batchBytesMax && batch.entries < batchEntriesMax)
      taken.push(this.#queue.shift() as Persist);
    await this.#lowerWatermark(taken);
    this.#committing = true;
    for (const persist of taken) this.#add(batch, persist);
    const startMs = this.#world.clock.monotonicMs();
    await batch.commit();
    this.syncMs.observe(this.#world.clock.monotonicMs() - startMs);
    this.batchEntries.observe(batch.entries);
    await this.#keepPromises(taken);
    this.#committing = false;
    this.#settle(taken, batch.bytes);
  }

  #add(batch: LogBatchWriter, persist: Persist): void {
    if (persist.install !== undefined) this.#install(batch, persist.install);
    if (persist.base !== undefined) this.#advanceBase(batch, persist.base);
    const { generation } = this.#storedBase;
    if (persist.truncateFrom !== undefined) {
      batch.truncate(generation, persist.truncateFrom, this.#storedLast);
      this.#chains.truncate(persist.truncateFrom);
      this.#storedLast = persist.truncateFrom - 1;
    }
    for (const entry of persist.entries) {
      batch.append(generation, entry, this.#chains);
      this.#storedLast = entry.index;
    }
    if (persist.hardState !== undefined) {
      this.#hardStateSeq += 1;
      batch.hardState({ seq: this.#hardStateSeq, hardState: persist.hardState });
    }
  }

  #advanceBase(batch: LogBatchWriter, base: NonNullable<Persist['base']>): void {
    this.#chains.advance(base.index);
    this.#storedBase = { ...this.#storedBase, base, chain: this.#chains.at(base.index) };
    batch.base(this.#storedBase);
  }

  /** The new generation makes every stored entry void, in the same write that points to the new state. */
  #install(batch: LogBatchWriter, { snapshotId, base }: NonNullable<Persist['install']>): void {
    const stateFolder = this.stagedFolders.get(snapshotId);
    if (stateFolder === undefined) throw new Error(`snapshot ${snapshotId} is to be installed and was never staged`);
    this.#storedBase = { base, chain: 0, generation: this.generation + 1, stateFolder };
    this.#chains.restart(base.index, 0);
    this.#storedLast = base.index;
    batch.base(this.#storedBase);
  }

  /** Before entries that the watermark proves are taken back, it must stop proving them. */
  async #lowerWatermark(taken: readonly Persist[]): Promise<void> {
    const { watermark } = this.#promises.promises;
    const installs = taken.some(({ install }) => install !== undefined);
    const from = Math.min(...taken.map(({ truncateFrom }) => truncateFrom ?? Number.POSITIVE_INFINITY));
    if (from > watermark.index && !installs) return;
    const index = installs ? this.#chains.base : Math.max(from - 1, this.#chains.base);
    await this.#promises.update({ watermark: { index, chain: this.#chains.at(index) } });
  }

  /** After LevelDB, so that these files are never ahead of it. */
  async #keepPromises(taken: readonly Persist[]): Promise<void> {
    const change: { -readonly [K in keyof Promises]?: Promises[K] } = {};
    for (const { hardState, install } of taken) {
      if (hardState !== undefined) {
        change.hardState = hardState;
        change.hardStateSeq = this.#hardStateSeq;
      }
      if (install !== undefined) {
        change.stateFolder = this.#storedBase.stateFolder;
        change.watermark = this.#watermark();
      }
    }
    if (change.hardState !== undefined || change.watermark !== undefined) await this.#promises.update(change);
  }

  #settle(taken: readonly Persist[], bytes: number): void {
    for (const { install } of taken) {
      if (install === undefined) continue;
      this.stagedFolders.delete(install.snapshotId);
      this.#listener.installed(this.#storedBase.stateFolder, install.snapshotId);
    }
    if (taken.some(({ install, base }) => install !== undefined || base !== undefined)) this.deleteObsolete();
    this.#bytesSinceWatermark += bytes;
    this.#raiseWatermark();
    const last = taken.at(-1);
    if (last !== undefined) this.#listener.durable(last.seq);
  }

  /** At most once a second or every 4 MiB, beside the batches: nobody waits for it. A log that falls idle is proved within a second. */
  #raiseWatermark(): void {
    const waitMs = this.#watermarkDueMs - this.#world.clock.monotonicMs();
    if (waitMs > 0 && this.#bytesSinceWatermark < watermarkEveryBytes) {
      this.#watermarkTimer ??= this.#world.timers.after(waitMs, () => this.#writeWatermark());
      return;
    }
    this.#writeWatermark();
  }

  #writeWatermark(): void {
    this.#watermarkTimer?.[Symbol.dispose]();
    this.#watermarkTimer = undefined;
    this.#watermarkDueMs = this.#world.clock.monotonicMs() + watermarkEveryMs;
    this.#bytesSinceWatermark = 0;
    // Only what is durable may be proved: with a batch under way the next turn is soon enough.
    if (this.#committing) return;
    this.#promises.update({ watermark: this.#watermark() }).catch((error) => this.#listener.failed(error));
  }

  #watermark(): Watermark {
    const { last } = this.#chains;
    return { index: last, chain: this.#chains.at(last) };
  }
}
