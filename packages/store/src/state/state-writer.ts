import type { LogBase } from '@berth/raft';
import type { Timers } from '@berth/world';
import { eventKey, type Transaction } from '../mvcc/transaction.ts';
import type { KeyValue } from '../store.ts';
import type { StateBatch, StateDatabase } from './state-database.ts';
import type { StateMachine } from './state-machine.ts';
import type { StateMeta } from './state-meta.ts';
import { encodeTransaction } from './state-records.ts';

/** Changes are gathered for this long, or until they are this many bytes. */
const gatherMs = 100;
const gatherBytes = 1024 * 1024;

/**
 * Brings the state machine's changes to disk, one batch after the other: while one is being written the next one gathers, and keys that
 * changed twice are written once.
 */
export class StateWriter {
  readonly #timers: Timers;
  readonly #database: StateDatabase;
  readonly #machine: StateMachine;
  readonly #clusterId: string;
  readonly #failed: (error: unknown) => void;
  #touched = new Set<string>();
  #history: (readonly [number, Uint8Array])[] = [];
  #historyBytes: number;
  readonly #historyFrom: number;
  #backlogBytes = 0;
  #base: LogBase;
  #dirty = false;
  #forgetBelow: number;
  #forgetting = false;
  #forgotten: Promise<void> = Promise.resolve();
  #syncWaiting: PromiseWithResolvers<void>[] = [];
  #broken: Error | undefined;
  #writing: Promise<void> | undefined;
  #gathering: Disposable | undefined;

  constructor(
    timers: Timers,
    database: StateDatabase,
    machine: StateMachine,
    clusterId: string,
    start: { readonly base: LogBase; readonly historyBytes: number; readonly historyFrom: number },
    failed: (error: unknown) => void,
  ) {
    this.#timers = timers;
    this.#database = database;
    this.#machine = machine;
    this.#clusterId = clusterId;
    this.#failed = failed;
    this.#base = start.base;
    this.#historyBytes = start.historyBytes;
    this.#historyFrom = start.historyFrom;
    this.#forgetBelow = machine.space.compactRevision;
  }

  /** Bytes applied in memory and not yet handed to LevelDB. */
  get backlogBytes(): number {
    return this.#backlogBytes;
  }

  /** Bytes of the kept history. */
  get historyBytes(): number {
    return this.#historyBytes;
  }

  /** Last entry applied, as the next batch will say. */
  get base(): LogBase {
    return this.#base;
  }

  /** Notes what an entry changed; nothing is written before `advance`. */
  note(transaction: Transaction): void {
    const record = encodeTransaction(transaction);
    this.#history.push([transaction.revision, record]);
    this.#historyBytes += record.length;
    this.#backlogBytes += record.length;
    for (const event of transaction.events) this.#touched.add(eventKey(event));
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

  /** Everything noted is handed to LevelDB, and no write is under way, when it resolves. */
  async idle(): Promise<void> {
    if (this.#dirty) this.#begin();
    while (this.#writing !== undefined || this.#forgetting) await (this.#writing ?? this.#forgotten);
    this.#gathering?.[Symbol.dispose]();
  }

  meta(): StateMeta {
    const { space } = this.#machine;
    return {
      clusterId: this.#clusterId,
      base: this.#base,
      revision: space.revision,
      compactRevision: space.compactRevision,
      wallMs: space.wallMs,
      createdMs: space.createdMs,
      stateHash: space.stateHash,
      keys: space.present.size,
      historyBytes: this.#historyBytes,
      historyFrom: this.#historyFrom,
    };
  }

  #gather(): void {
    if (this.#broken !== undefined) return;
    if (this.#backlogBytes > gatherBytes) this.#begin();
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
    try {
      do {
        waiting = this.#syncWaiting;
        this.#syncWaiting = [];
        await this.#database.write(this.#takeBatch(), { sync: waiting.length > 0 });
        for (const { resolve } of waiting) resolve();
      } while (this.#syncWaiting.length > 0 || this.#backlogBytes > gatherBytes);
    } catch (error) {
      this.#break(error, waiting);
    } finally {
      this.#writing = undefined;
    }
    if (this.#dirty) this.#gather();
  }

  /** After a failed write nothing is tried any more. */
  #break(error: unknown, waiting: readonly PromiseWithResolvers<void>[]): void {
    this.#broken = error instanceof Error ? error : new Error(String(error));
    for (const { reject } of [...waiting, ...this.#syncWaiting]) reject(this.#broken);
    this.#syncWaiting = [];
    this.#failed(error);
  }

  #takeBatch(): StateBatch {
    const present = new Map<string, KeyValue | undefined>();
    for (const key of this.#touched) present.set(key, this.#machine.space.present.get(key));
    const batch = {
      meta: this.meta(),
      present,
      history: this.#history,
      sessions: this.#machine.sessions.takeChanges(),
    };
    this.#touched = new Set();
    this.#history = [];
    this.#backlogBytes = 0;
    this.#dirty = false;
    return batch;
  }

  /** Deletes forgotten history aside of the writes; what a crash leaves behind is deleted at the next compaction. */
  async #forget(): Promise<void> {
    this.#forgetting = true;
    try {
      while (this.#machine.space.compactRevision > this.#forgetBelow) {
        const below = this.#machine.space.compactRevision;
        await this.#database.forgetHistory(below, (bytes) => {
          this.#historyBytes = Math.max(0, this.#historyBytes - bytes);
        });
        this.#forgetBelow = below;
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#forgetting = false;
    }
  }
}
