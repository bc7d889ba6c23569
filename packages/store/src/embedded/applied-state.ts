import type { Entry, LogBase } from '@berth/raft';
import type { Timers } from '@berth/world';
import { positionAfter } from '../state/log-position.ts';
import type { StateDatabase } from '../state/state-database.ts';
import type { Outcome, StateMachine } from '../state/state-machine.ts';
import { StateWriter, type StateWriterStart } from '../state/state-writer.ts';
import { History } from './history.ts';

/** One state folder in use: the machine in memory, its database, and the history of both. */
export class AppliedState {
  readonly machine: StateMachine;
  readonly database: StateDatabase;
  readonly writer: StateWriter;
  readonly history: History;
  /** Last entry applied, and what was in force there. */
  position: LogBase;

  constructor(
    timers: Timers,
    clusterId: string,
    machine: StateMachine,
    database: StateDatabase,
    start: StateWriterStart,
    failed: (error: unknown) => void,
  ) {
    this.machine = machine;
    this.database = database;
    this.writer = new StateWriter(timers, database, machine, clusterId, start, failed);
    this.history = new History(database, machine.space, start.historyFrom);
    this.position = start.base;
  }

  /** Applies one entry in memory; `persist` brings it to disk. */
  apply(entry: Entry): Outcome {
    const outcome = this.machine.apply(entry);
    this.position = positionAfter(this.position, entry);
    if (outcome.kind === 'txn' && outcome.transaction !== undefined) {
      this.history.append(outcome.transaction);
      this.writer.note(outcome.transaction);
    }
    return outcome;
  }

  persist(): void {
    this.writer.advance(this.position);
  }

  async close(): Promise<void> {
    this.history.close();
    // A write that failed before was told when it failed; there is nothing more to lose here.
    await this.writer.settle().catch(() => undefined);
    await this.writer.sync().catch(() => undefined);
    await this.writer.idle();
    await this.database.close();
  }
}
