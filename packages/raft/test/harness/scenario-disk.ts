import {
  type Configuration,
  type Entry,
  foundingBase,
  type HardState,
  initialHardState,
  type LogBase,
  type LogIndex,
  LogSummarizer,
  type Persist,
  type StoredState,
} from '../../src/index.ts';

/** What one member of a scenario has written: the durable part, and writes under way. */
export class ScenarioDisk {
  hardState: HardState = initialHardState;
  base: LogBase;
  entries: Entry[] = [];
  /** Durable state of the state machine: what was applied, as text. */
  applied: { index: LogIndex; state: readonly string[] };
  /** Writes that were ordered, oldest first. */
  pending: Persist[] = [];
  staged: { readonly snapshotId: number; readonly state: readonly string[] } | undefined;
  partial: StoredState['partialSnapshot'];
  partialBytes: number[] = [];
  incarnation = 0;

  constructor(configuration: Configuration) {
    this.base = foundingBase(configuration);
    this.applied = { index: this.base.index, state: [] };
  }

  /** Makes the oldest write durable and returns its sequence. */
  complete(): number {
    const write = this.pending.shift();
    if (write === undefined) throw new Error('no write is under way');
    if (write.install !== undefined) {
      this.base = write.install.base;
      this.entries = [];
      this.applied = { index: this.base.index, state: this.staged?.state ?? [] };
      this.staged = undefined;
      this.partial = undefined;
    }
    if (write.base !== undefined) {
      const { index } = write.base;
      this.entries = this.entries.filter((entry) => entry.index > index);
      this.base = write.base;
    }
    if (write.truncateFrom !== undefined) {
      const from = write.truncateFrom;
      this.entries = this.entries.filter((entry) => entry.index < from);
    }
    this.entries.push(...write.entries);
    if (write.hardState !== undefined) this.hardState = write.hardState;
    return write.seq;
  }

  stored(promiseLost: boolean): StoredState {
    const summarizer = new LogSummarizer(this.base);
    for (const entry of this.entries) {
      const fault = summarizer.add(entry);
      if (fault !== undefined) throw new Error(fault);
    }
    return {
      hardState: this.hardState,
      base: this.base,
      log: summarizer.summary(),
      applied: this.applied.index,
      partialSnapshot: this.partial,
      promiseLost,
    };
  }
}
