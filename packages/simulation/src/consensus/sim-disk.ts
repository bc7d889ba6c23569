import {
  type Configuration,
  decodeConfiguration,
  type Entry,
  entryKinds,
  entryPayload,
  foundingBase,
  type HardState,
  initialHardState,
  type LogBase,
  LogSummarizer,
  type Persist,
  quarantined,
  type SnapshotMeta,
  type StoredState,
} from '@berth/raft';
import type { Dice } from '../world/dice.ts';
import { KeyValueMachine } from './key-value-machine.ts';

/** State of the state machine with the place up to which it was applied: one atomic write (rule 25). */
export interface StateImage {
  readonly base: LogBase;
  readonly state: string;
}

export interface PartialSnapshot {
  readonly snapshot: SnapshotMeta;
  readonly chunks: Uint8Array[];
  nextOffset: number;
}

/** What a shell makes of a directory at its start. */
export interface Recovered {
  readonly stored: StoredState;
  readonly machine: KeyValueMachine;
  readonly tornTail: number;
}

/** What a write under way leaves behind when its process dies. */
export type CrashImage = 'lost' | 'kept' | 'prefix';

/**
 * The durable content of one data directory, and what faults can do to it. Damage is found by checksums: the model keeps marks instead of bits.
 */
export class SimDisk {
  readonly directory: string;
  hardState: HardState = initialHardState;
  base: LogBase;
  image: StateImage;
  partial: PartialSnapshot | undefined;
  staged: { readonly snapshot: SnapshotMeta; readonly image: StateImage } | undefined;
  /** Durable up to here for sure; written now and then (section 4.3 of the storage format). */
  watermark = 0;
  #entries: Entry[] = [];
  /** Indexes whose records no longer verify. */
  readonly #damaged = new Set<number>();
  #lastBatchFrom = 0;

  constructor(directory: string, configuration: Configuration) {
    this.directory = directory;
    this.base = foundingBase(configuration);
    this.image = { base: this.base, state: new KeyValueMachine().save() };
  }

  get lastIndex(): number {
    return this.#entries.at(-1)?.index ?? this.base.index;
  }

  get damaged(): boolean {
    return this.#damaged.size > 0;
  }

  entry(index: number): Entry | undefined {
    const first = this.#entries[0];
    return first === undefined ? undefined : this.#entries[index - first.index];
  }

  /** Whether the entry of this term is here, or was and is covered by the base. */
  holds(index: number, term: number): boolean {
    if (index <= this.base.index) return true;
    return this.entry(index)?.term === term && !this.#damaged.has(index);
  }

  /** The youngest configuration in the log: in force when a process starts on it. */
  get configuration(): Configuration {
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const entry = this.#entries[i] as Entry;
      if (entry.kind !== entryKinds.configuration) continue;
      const configuration = decodeConfiguration(entryPayload(entry));
      if (configuration !== undefined) return configuration;
    }
    return this.base.configuration;
  }

  read(from: number, to: number, maxBytes: number): Entry[] {
    const result: Entry[] = [];
    let bytes = 0;
    for (let index = from; index <= to; index++) {
      const entry = this.entry(index);
      if (entry === undefined || this.#damaged.has(index)) break;
      bytes += entry.frame.length;
      if (result.length > 0 && bytes > maxBytes) break;
      result.push(entry);
    }
    return result;
  }

  /** One ordered write becomes durable. */
  write(write: Persist): void {
    if (write.install !== undefined) {
      this.#beginAfresh(write.install.base);
      this.#damaged.clear();
      if (this.staged !== undefined) this.image = this.staged.image;
      this.staged = undefined;
      this.partial = undefined;
    }
    if (write.base !== undefined) this.#compact(write.base);
    if (write.truncateFrom !== undefined) this.#truncateFrom(write.truncateFrom);
    if (write.entries.length > 0) this.#lastBatchFrom = (write.entries[0] as Entry).index;
    for (const entry of write.entries) this.#entries.push(entry);
    if (write.hardState !== undefined) this.hardState = write.hardState;
  }

  #compact(base: LogBase): void {
    const first = this.#entries[0]?.index ?? 0;
    if (first > 0 && base.index >= first) this.#entries.splice(0, base.index - first + 1);
    for (const index of this.#damaged) if (index <= base.index) this.#damaged.delete(index);
    this.base = base;
  }

  #truncateFrom(index: number): void {
    const first = this.#entries[0]?.index;
    if (first !== undefined && index - first < this.#entries.length) this.#entries.length = Math.max(0, index - first);
    for (const damaged of this.#damaged) if (damaged >= index) this.#damaged.delete(damaged);
    this.watermark = Math.min(this.watermark, index - 1);
  }

  /** The process died while these writes were under way: a prefix of them, as the image says, is on the disk. */
  crash(underWay: readonly Persist[], image: CrashImage, dice: Dice): void {
    const kept = image === 'lost' ? 0 : image === 'kept' ? underWay.length : dice.between(0, underWay.length);
    for (const write of underWay.slice(0, kept)) this.write(write);
    const torn = underWay[kept];
    if (image === 'prefix' && torn !== undefined && dice.chance(0.5)) this.#tear(torn);
  }

  /** A batch reached the disk in part: it is there, does not verify, and nobody was told of it. */
  #tear(write: Persist): void {
    if (write.entries.length === 0 || write.truncateFrom !== undefined || write.install !== undefined) return;
    this.#lastBatchFrom = this.lastIndex + 1;
    for (const entry of write.entries) {
      this.#entries.push(entry);
      this.#damaged.add(entry.index);
    }
  }

  /** A record rots. Only below the watermark, where every shell can tell it from a torn tail; returns whether there was one. */
  rot(dice: Dice): boolean {
    const from = this.base.index + 1;
    const to = Math.min(this.watermark, this.lastIndex);
    if (to < from) return false;
    this.#damaged.add(dice.between(from, to));
    return true;
  }

  /** The youngest entries are gone as if they had never been written. */
  loseTail(count: number): void {
    this.#entries.length = Math.max(0, this.#entries.length - count);
    this.watermark = Math.min(this.watermark, this.lastIndex);
  }

  /** Reads everything as a starting shell does: verifies, discards a torn tail, notices lost promises (rules 56, 57). */
  recover(): Recovered {
    const summarizer = new LogSummarizer(this.base);
    let sound = 0;
    for (const entry of this.#entries) {
      if (this.#damaged.has(entry.index) || summarizer.add(entry) !== undefined) break;
      sound++;
    }
    const lostEntries = this.#entries.length - sound;
    const firstLost = this.#entries[sound]?.index ?? 0;
    const wasAcknowledged = lostEntries > 0 && (firstLost <= this.watermark || firstLost < this.#lastBatchFrom);
    if (wasAcknowledged) this.hardState = quarantined(this.hardState);
    this.#entries.length = sound;
    this.#damaged.clear();
    this.watermark = Math.min(this.watermark, this.lastIndex);
    const machine = KeyValueMachine.load(this.image.state, this.image.base.index);
    // A state that is ahead of what is left of the log stands for all of it.
    if (this.image.base.index > this.lastIndex) this.#beginAfresh(this.image.base);
    const { partial, hardState, base } = this;
    return {
      stored: {
        hardState,
        base,
        log: this.#summary(),
        applied: this.image.base.index,
        partialSnapshot: partial && { snapshot: partial.snapshot, nextOffset: partial.nextOffset },
        promiseLost: wasAcknowledged,
      },
      machine,
      tornTail: wasAcknowledged ? 0 : lostEntries,
    };
  }

  #beginAfresh(base: LogBase): void {
    this.base = base;
    this.#entries = [];
    this.watermark = base.index;
  }

  #summary(): StoredState['log'] {
    const summarizer = new LogSummarizer(this.base);
    for (const entry of this.#entries) summarizer.add(entry);
    return summarizer.summary();
  }
}
