import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry, LogBase } from '@berth/raft';
import type { World } from '@berth/world';
import { unpackFrames } from '../consensus/frame-packing.ts';
import type { StateFound } from '../consensus/start-log.ts';
import { defaultRetention, eraBytesOf, type Retention } from '../retention.ts';
import type { ImportedState } from '../snapshot/snapshot-import.ts';
import { type LoadedMachine, type OpenedMachine, openMachine, StateDamage, StateInUse } from '../state/load-machine.ts';
import { StateDatabase } from '../state/state-database.ts';
import { type Outcome, StateMachine } from '../state/state-machine.ts';
import { freshStart, type StateWriterStart, startOf } from '../state/state-writer.ts';
import { WatchHub } from '../watch/watch-hub.ts';
import { AppliedState } from './applied-state.ts';
import { AppliedWaiters } from './applied-waiters.ts';
import { EarlyState } from './early-state.ts';

/** Longest time entries are applied in one turn of the event loop. */
const sliceMs = 5;
/** Applied bytes that may wait for LevelDB; beyond it applying waits too. */
const backlogBytesMax = 32 * 1024 * 1024;
/** How long a state may be held by a process that was started at the same moment, and how often it is looked whether it has gone. */
const contenderMsMax = 5000;
const contenderRetryMs = 50;

export interface ReplicaListener {
  /** What became of an entry, right after it was applied. */
  outcome(entry: Entry, outcome: Outcome): void;
  /** Everything up to `index` is applied here. */
  applied(index: number): void;
  /** The state was replaced by a later one: what happened in between was not told. */
  jumped(): void;
  failed(error: unknown): void;
}

interface OpenedState {
  readonly folder: string;
  readonly database: StateDatabase;
  readonly loaded: LoadedMachine | undefined;
}

/**
 * The applied state of this server and its watchers. Takes committed entries in order, in slices short enough that nothing else on
 * this thread waits long.
 */
export class Replica {
  readonly #world: World;
  readonly #path: string;
  readonly #listener: ReplicaListener;
  readonly watches: WatchHub;
  readonly waiters: AppliedWaiters;
  readonly #eraBytes: number;
  readonly #staged = new Map<string, ImportedState>();
  #clusterId = '';
  #early: EarlyState | undefined;
  #opened: OpenedState | undefined;
  #folder = '';
  #state: AppliedState | undefined;
  #queue: Entry[] = [];
  #next = 0;
  #busy = false;
  #working: Promise<void> = Promise.resolve();
  #retiring: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(world: World, path: string, listener: ReplicaListener, retention: Retention = defaultRetention) {
    this.#eraBytes = eraBytesOf(retention);
    this.#world = world;
    this.#path = path;
    this.#listener = listener;
    this.waiters = new AppliedWaiters(world.timers);
    const present = (): AppliedState => this.state;
    this.watches = new WatchHub(world, {
      get revision() {
        return present().machine.space.revision;
      },
      get compactRevision() {
        return present().history.floor;
      },
      page: (from) => present().history.page(from),
    });
  }

  /** Name of the state folder in use. */
  get folder(): string {
    return this.#folder;
  }

  get state(): AppliedState {
    if (this.#state === undefined) throw new Error('the replica was not started');
    return this.#state;
  }

  /** Begins to open the state before it is said which one it is. */
  foresee(): void {
    this.#early = new EarlyState(this.#path);
  }

  /** Opens and verifies the state in a folder; a damaged one is set aside, and an empty one takes its place. */
  async openState(folder: string): Promise<StateFound> {
    await this.#opened?.database.close();
    const path = join(this.#path, folder);
    try {
      const { database, loaded, salvaged } = (await this.#takeEarly(folder)) ?? (await this.#openMachine(path));
      this.#opened = { folder, database, loaded };
      if (loaded === undefined) return { kind: 'empty' };
      const whole = { kind: 'whole', base: loaded.meta.base } as const;
      return salvaged === undefined ? whole : { ...whole, salvaged };
    } catch (error) {
      if (!(error instanceof StateDamage)) throw error;
      const aside = await this.#setAside(path);
      this.#opened = { folder, database: await StateDatabase.open(path), loaded: undefined };
      return { kind: 'damaged', reason: `${error.message}; it was set aside as ${aside}` };
    }
  }

  /** Begins with what was opened last, or at `base` when that was nothing. */
  start(clusterId: string, base: LogBase): void {
    const opened = this.#opened;
    if (opened === undefined) throw new Error('no state was opened');
    this.#clusterId = clusterId;
    this.#folder = opened.folder;
    const { machine, start } =
      opened.loaded === undefined
        ? { machine: new StateMachine(), start: freshStart(base) }
        : { machine: opened.loaded.machine, start: startOf(opened.loaded) };
    this.#state = this.#inUse(machine, opened.database, start);
  }

  enqueue(frames: Uint8Array): void {
    for (const entry of unpackFrames(frames)) this.#queue.push(entry);
    if (!this.#busy) this.#working = this.#work();
  }

  /** A verified snapshot in a folder of its own, to be switched to. */
  stage(folder: string, imported: ImportedState): void {
    this.#staged.set(folder, imported);
  }

  /** From now on the state is the staged one; entries that were waiting are part of it. */
  switchTo(folder: string): void {
    const imported = this.#staged.get(folder);
    if (imported === undefined) throw new Error(`state ${folder} was never staged`);
    this.#staged.delete(folder);
    this.#queue = [];
    this.#next = 0;
    const old = this.state;
    const oldPath = join(this.#path, this.#folder);
    this.#folder = folder;
    this.#state = this.#inUse(imported.machine, imported.database, startOf(imported));
    this.#retiring = this.#retiring
      .then(() => old.close())
      .then(() => rm(oldPath, { recursive: true, force: true }))
      .catch((error) => this.#listener.failed(error));
    this.watches.catchUpAll();
    this.#listener.jumped();
    this.waiters.wake();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.watches.close();
    this.waiters.close();
    await this.#working;
    await this.#retiring;
    await this.#takeEarly('');
    for (const { database } of this.#staged.values()) await database.close();
    if (this.#state === undefined) await this.#opened?.database.close();
    else await this.#state.close();
  }

  #inUse(machine: StateMachine, database: StateDatabase, start: StateWriterStart): AppliedState {
    const inEras = { ...start, eraBytes: this.#eraBytes };
    return new AppliedState(this.#world.timers, this.#clusterId, machine, database, inEras, (error) =>
      this.#listener.failed(error),
    );
  }

  /** Who holds the state without the log, which this server has by now, was started at the same moment and is about to be refused. */
  async #openMachine(path: string): Promise<OpenedMachine> {
    const { clock, timers } = this.#world;
    const endMs = clock.monotonicMs() + contenderMsMax;
    for (;;) {
      try {
        return await openMachine(path);
      } catch (error) {
        if (!(error instanceof StateInUse) || clock.monotonicMs() > endMs) throw error;
        await timers.sleep(contenderRetryMs);
      }
    }
  }

  /** For whoever wants to look at it; the one before it goes. */
  async #setAside(path: string): Promise<string> {
    const aside = join(this.#path, 'damaged-state');
    await rm(aside, { recursive: true, force: true });
    await rename(path, aside);
    return aside;
  }

  async #takeEarly(folder: string): Promise<OpenedMachine | undefined> {
    const early = this.#early;
    this.#early = undefined;
    return await early?.take(folder);
  }

  /** The first slice is done before this returns: a lone entry waits for nothing. */
  async #work(): Promise<void> {
    this.#busy = true;
    try {
      while (this.#next < this.#queue.length && !this.#closed) {
        this.#slice();
        if (this.state.writer.backlogBytes > backlogBytesMax) await this.state.writer.idle();
        else if (this.#next < this.#queue.length) await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      this.#closed = true;
      this.#listener.failed(error);
    } finally {
      this.#busy = false;
    }
  }

  #slice(): void {
    const { state } = this;
    const endMs = this.#world.clock.monotonicMs() + sliceMs;
    do {
      const entry = this.#queue[this.#next++] as Entry;
      const outcome = state.apply(entry);
      if (outcome.kind === 'txn' && outcome.transaction !== undefined) this.watches.publish(outcome.transaction);
      this.#listener.outcome(entry, outcome);
    } while (this.#next < this.#queue.length && this.#world.clock.monotonicMs() < endMs);
    if (this.#next >= this.#queue.length) {
      this.#queue = [];
      this.#next = 0;
    }
    state.persist();
    this.#listener.applied(state.position.index);
    this.waiters.wake();
  }
}
