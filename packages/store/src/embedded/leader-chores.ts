import type { World } from '@berth/world';
import type { Retention } from '../retention.ts';
import { type Revision, revision } from '../revision.ts';
import type { Command } from '../state/command.ts';
import { readBlocks } from '../state/level-blocks.ts';
import { recordKeys } from '../state/state-records.ts';
import { StoreError } from '../store-error.ts';
import type { AppliedState } from './applied-state.ts';

export interface LeaderChoresPort {
  readonly world: World;
  readonly retention: Retention;
  readonly everyMs: number;
  leads(): boolean;
  state(): AppliedState;
  propose(command: Command): Promise<unknown>;
}

/**
 * Compaction by size leaves so much of the bound: where an era begins if possible, for what lies before goes unread. Otherwise each compaction
 * writes the last value of every key again whose history goes, so larger ones cost less.
 */
const sizeLeft = { least: 0.5, target: 0.75, most: 0.875 };

/** What the leader does from time to time: forget old history, and let all members compare their state hashes. */
export class LeaderChores {
  readonly #port: LeaderChoresPort;
  readonly #timer: Disposable;
  #working = false;
  #checkedRevision = 0;

  constructor(port: LeaderChoresPort) {
    this.#port = port;
    this.#timer = port.world.timers.every(port.everyMs, () => void this.#round());
  }

  close(): void {
    this.#timer[Symbol.dispose]();
  }

  async #round(): Promise<void> {
    if (this.#working || !this.#port.leads()) return;
    this.#working = true;
    try {
      await this.#compactOld();
      await this.#compareHashes();
    } catch (error) {
      // The next round, or the next leader, tries again.
      if (!(error instanceof StoreError)) throw error;
    } finally {
      this.#working = false;
    }
  }

  async #compactOld(): Promise<void> {
    const { machine } = this.#port.state();
    const to = Math.max((await this.#byAge()) ?? 0, (await this.#bySize()) ?? 0);
    if (to > machine.space.compactRevision) await this.#port.propose({ kind: 'compact', to: revision(to) });
  }

  #byAge(): Promise<Revision | undefined> {
    const { world, retention } = this.#port;
    return this.#port.state().history.revisionAt(world.clock.wallMs() - retention.historyMs);
  }

  /** The first revision from which on the records take no more than the bound. */
  async #bySize(): Promise<number | undefined> {
    const { writer, machine, database } = this.#port.state();
    const { historyBytes } = this.#port.retention;
    if (writer.forgetting || writer.historyBytes <= historyBytes) return undefined;
    const era = writer.eraKeeping(historyBytes * sizeLeft.least, historyBytes * sizeLeft.most);
    if (era !== undefined) return era;
    let excess = writer.historyBytes - historyBytes * sizeLeft.target;
    const range = recordKeys.historyFrom(machine.space.compactRevision);
    let last: number | undefined;
    for await (const block of readBlocks(database.level, range)) {
      for (const [key, record] of block) {
        last = recordKeys.revisionOf(key);
        excess -= record.length;
        if (excess <= 0) return last;
      }
    }
    return last;
  }

  /** The command carries the hash of the check before, which every member has noted by then. */
  async #compareHashes(): Promise<void> {
    const { machine } = this.#port.state();
    if (machine.space.revision === this.#checkedRevision) return;
    this.#checkedRevision = machine.space.revision;
    await this.#port.propose({ kind: 'check-hash', ...machine.lastHash });
  }
}
