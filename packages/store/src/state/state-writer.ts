import type { LogBase } from '@berth/raft';
import type { Timers } from '@berth/world';
import type { Transaction } from '../mvcc/transaction.ts';
import { type Revision, revision } from '../revision.ts';
import type { KeyValue } from '../store.ts';
import { forgetEras } from './era-forgetting.ts';
import { forgetHistory } from './forgetting.ts';
import { type HistoryEra, HistoryEras } from './history-eras.ts';
import { HistoryJournal } from './history-journal.ts';
import type { LoadedMachine } from './load-machine.ts';
import { SettlingPass } from './settling-pass.ts';
import type { StateBatch, StateDatabase } from './state-database.ts';
import type { StateMachine } from './state-machine.ts';
import type { StateMeta } from './state-meta.ts';

/** Changes are gathered for this long, or until they are this many bytes. */
const gatherMs = 100;
const gatherBytes = 1024 * 1024;
/**
 * Present values are settled once this much history was written since. More would save writing keys that change often, and cost time at a start
 * after a crash, which reads the history behind the settled revision.
 */
const settleBytes = 256 * 1024 * 1024;

/** Something to be done between two writes; never rejects. */
type Visit = () => Promise<void>;

/** Where a writer goes on. */
export interface StateWriterStart {
  readonly base: LogBase;
  readonly historyBytes: number;
  readonly eras: readonly HistoryEra[];
  readonly historyFrom: number;
  readonly settledRevision: Revision;
  /** Keys that changed after it. */
  readonly unsettled: ReadonlySet<string>;
  /** See `eraBytesOf`; that of the default retention if undefined. */
  readonly eraBytes?: number;
}

export function startOf({ meta, unsettled }: LoadedMachine): StateWriterStart {
  const { base, historyBytes, eras, historyFrom, settledRevision } = meta;
  return { base, historyBytes, eras, historyFrom, settledRevision, unsettled };
}

/** Of an empty state. */
export function freshStart(base: LogBase): StateWriterStart {
  return { base, historyBytes: 0, eras: [], historyFrom: 0, settledRevision: revision(1), unsettled: new Set() };
}

/**
 * Brings the state machine's changes to disk, one batch after the other: while one is being written the next one gathers. What changed is
 * written at once as history. Present values follow much later, so that keys that change often are written rarely; until then the history tells
 * what they are.
 */
export class StateWriter {
  readonly #timers: Timers;
  readonly #database: StateDatabase;
  readonly #machine: StateMachine;
  readonly #clusterId: string;
  readonly #failed: (error: unknown) => void;
  readonly #journal = new HistoryJournal();
  readonly #eras: HistoryEras;
  /** Keys that were deleted since the last settling began, and may have come again. */
  #removed: Set<string>;
  #unsettledBytes = 0;
  #settledRevision: Revision;
  #settling: SettlingPass | undefined;
  /** Somebody waits until everything up to here is settled. */
  #settleTo = 0;
  readonly #historyFrom: number;
  #base: LogBase;
  #dirty = false;
  #forgetBelow: number;
  /** Where the history on disk begins, once that is known: looking for it means to read over all that was deleted. */
  #oldest: number | undefined;
  #forgetting = false;
  #forgotten: Promise<void> = Promise.resolve();
  #syncWaiting: PromiseWithResolvers<void>[] = [];
  #visits: Visit[] = [];
  #broken: Error | undefined;
  #writing: Promise<void> | undefined;
  /** The last batch that was handed to LevelDB; rejects when it could not be written. */
  #batch: Promise<void> = Promise.resolve();
  #gathering: Disposable | undefined;

  constructor(
    timers: Timers,
    database: StateDatabase,
    machine: StateMachine,
    clusterId: string,
    start: StateWriterStart,
    failed: (error: unknown) => void,
  ) {
    this.#timers = timers;
    this.#database = database;
    this.#machine = machine;
    this.#clusterId = clusterId;
    this.#failed = failed;
    this.#base = start.base;
    this.#eras = new HistoryEras(start.eras, start.historyBytes, start.eraBytes);
    this.#historyFrom = start.historyFrom;
    this.#settledRevision = start.settledRevision;
    this.#removed = new Set(start.unsettled);
    this.#forgetBelow = machine.space.compactRevision;
  }

  /** Bytes applied in memory and not yet handed to LevelDB. */
  get backlogBytes(): number {
    return this.#journal.bytes;
  }

  /** Bytes of the kept history. */
  get historyBytes(): number {
    return this.#eras.bytes;
  }

  /** Compacted history is being deleted, and counts until it is gone. */
  get forgetting(): boolean {
    return this.#forgetting;
  }

  /** See `HistoryEras.keeping`. */
  eraKeeping(least: number, most: number): number | undefined {
    return this.#eras.keeping(least, most);
  }

  /** Last entry applied, as the next batch will say. */
  get base(): LogBase {
    return this.#base;
  }

  /** Notes what an entry changed; nothing is written before `advance`. */
  note(transaction: Transaction): void {
    const before = this.#journal.bytes;
    this.#journal.append(transaction, Math.max(this.#referFrom, this.#eras.at(transaction.revision)));
    const bytes = this.#journal.bytes - before;
    this.#eras.add(bytes);
    this.#unsettledBytes += bytes;
    for (const event of transaction.events) if (event.kind === 'delete') this.#removed.add(event.key);
  }

  /** Everything up to `base.index` is applied and noted. Written a little later, together with what comes meanwhile: nobody waits for it. */
  advance(base: LogBase): void {
    this.#base = base;
    this.#dirty = true;
    if (this.#writing === undefined) this.#gather();
    if (!this.#forgetting && this.#machine.space.compactRevision > this.#forgetBelow) this.#forgotten = this.#forget();
  }

  /** Everything noted so far is durable when it resolves; rejects when a write has failed, now or before. */
  async sync(): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    const waiting = Promise.withResolvers<void>();
    this.#syncWaiting.push(waiting);
    this.#begin();
    await waiting.promise;
  }

  /** Does `work` once everything noted so far is handed to LevelDB; what follows is not written before it has ended. Rejects also when a write has failed. */
  betweenWrites<T>(work: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#visits.push(async () => {
      if (this.#broken === undefined) await work().then(resolve, reject);
      else reject(this.#broken);
    });
    if (this.#broken === undefined) this.#begin();
    else void this.#receive(this.#takeVisits());
    return promise;
  }

  /** All changes up to now lie in present values, too, when it resolves; rejects when a write has failed, now or before. */
  async settle(): Promise<void> {
    const to = this.#machine.space.revision;
    this.#settleTo = Math.max(this.#settleTo, to);
    while (this.#settledRevision < to) {
      if (this.#broken !== undefined) throw this.#broken;
      this.#begin();
      await this.#batch;
    }
    await this.#batch;
  }

  /** Present values on disk hold everything up to `to`: history up to there may go, also from a disk that a crash leaves in the middle. */
  async #settled(to: Revision): Promise<void> {
    if (to > this.#settledRevision) await this.settle();
    else await this.#batch;
  }

  /** Everything noted is handed to LevelDB, and no write is under way, when it resolves. */
  async idle(): Promise<void> {
    for (;;) {
      if (this.#dirty) this.#begin();
      if (this.#writing === undefined && !this.#forgetting) break;
      await (this.#writing ?? this.#forgotten);
    }
    this.#gathering?.[Symbol.dispose]();
  }

  meta(): StateMeta {
    const { space } = this.#machine;
    return {
      clusterId: this.#clusterId,
      base: this.#base,
      revision: space.revision,
      compactRevision: space.compactRevision,
      settledRevision: this.#settledRevision,
      wallMs: space.wallMs,
      createdMs: space.createdMs,
      stateHash: space.stateHash,
      keys: space.present.size,
      historyBytes: this.#eras.bytes,
      eras: this.#eras.all,
      historyFrom: this.#historyFrom,
    };
  }

  /** The records of what was compacted, or lost, are not there to be referred to. */
  get #referFrom(): number {
    return Math.max(this.#machine.space.compactRevision, this.#historyFrom);
  }

  #gather(): void {
    if (this.#broken !== undefined) return;
    if (this.#journal.bytes > gatherBytes) this.#begin();
    else this.#gathering ??= this.#timers.after(gatherMs, () => this.#begin());
  }

  #begin(): void {
    this.#gathering?.[Symbol.dispose]();
    this.#gathering = undefined;
    if (this.#broken === undefined) this.#writing ??= this.#drain();
  }

  /** Strictly one write at a time: two under way could reach LevelDB in the wrong order. */
  async #drain(): Promise<void> {
    let waiting: PromiseWithResolvers<void>[] = [];
    let visits: Visit[] = [];
    try {
      do {
        waiting = this.#syncWaiting;
        this.#syncWaiting = [];
        visits = this.#takeVisits();
        this.#batch = this.#database.write(this.#takeBatch(), { sync: waiting.length > 0 });
        await this.#batch;
        for (const { resolve } of waiting) resolve();
        if (visits.length > 0) await this.#receive(visits);
      } while (
        this.#syncWaiting.length > 0 ||
        this.#visits.length > 0 ||
        this.#journal.bytes > gatherBytes ||
        this.#settledRevision < this.#settleTo
      );
    } catch (error) {
      this.#break(error, waiting, visits);
    } finally {
      this.#writing = undefined;
    }
    if (this.#dirty) this.#gather();
  }

  /** Counts as a batch: who waits for the last one waits for this, too. */
  #receive(visits: readonly Visit[]): Promise<void> {
    this.#batch = (async () => {
      for (const visit of visits) await visit();
    })();
    return this.#batch;
  }

  #takeVisits(): Visit[] {
    const visits = this.#visits;
    this.#visits = [];
    return visits;
  }

  /** After a failed write nothing is tried any more. */
  #break(error: unknown, waiting: readonly PromiseWithResolvers<void>[], visits: readonly Visit[]): void {
    this.#broken = error instanceof Error ? error : new Error(String(error));
    for (const { reject } of [...waiting, ...this.#syncWaiting]) reject(this.#broken);
    this.#syncWaiting = [];
    void this.#receive([...visits, ...this.#takeVisits()]);
    this.#failed(error);
  }

  #takeBatch(): StateBatch {
    const present = this.#takeSettled();
    this.#dirty = false;
    const { sessions } = this.#machine;
    return {
      meta: this.meta(),
      present,
      referFrom: this.#referFrom,
      history: this.#journal,
      sessions: sessions.takeChanges(),
    };
  }

  /** Values that changed meanwhile are newer than the settling; the history up to now is in the same batch. */
  #takeSettled(): (readonly [string, KeyValue | undefined])[] {
    if (this.#settledRevision < this.#settleTo || this.#unsettledBytes > settleBytes) this.#beginSettling();
    if (this.#settling === undefined) return [];
    const taken = this.#settling.take();
    if (this.#settling.over) {
      this.#settledRevision = this.#settling.through;
      this.#settling = undefined;
    }
    return taken;
  }

  #beginSettling(): void {
    if (this.#settling !== undefined) return;
    const { present, revision: through } = this.#machine.space;
    this.#settling = new SettlingPass(present, this.#settledRevision, through, this.#removed);
    this.#removed = new Set();
    this.#unsettledBytes = 0;
  }

  /**
   * Deletes forgotten history aside of the writes, once it is of no use for present values either; what a crash leaves behind is deleted at
   * the next compaction.
   */
  async #forget(): Promise<void> {
    this.#forgetting = true;
    const port = {
      database: this.#database,
      present: () => this.#machine.space.present,
      exclusively: (work: () => Promise<void>) => this.betweenWrites(work),
      deleted: (bytes: number) => this.#eras.deleted(bytes),
    };
    try {
      while (this.#machine.space.compactRevision > this.#forgetBelow) {
        const below = this.#machine.space.compactRevision;
        await this.#settled(below);
        const from = this.#oldest ?? (await this.#database.oldestHistory()) ?? below;
        const era = this.#eras.beginningUpTo(below);
        if (from < era) await forgetEras(port, from, era, this.#eras.bytesBelow(era));
        this.#eras.endBelow(era);
        await forgetHistory(port, Math.max(from, era), below);
        this.#oldest = below;
        this.#forgetBelow = below;
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#forgetting = false;
    }
  }
}
