import type { Entry } from '../vocabulary/entry.ts';
import type { LogIndex } from '../vocabulary/log-index.ts';

/** Removed slots are given back once there are this many. */
const slackSlots = 1024;

/** The youngest entries of the log, without gaps up to its end. */
export class EntryCache {
  #entries: Entry[] = [];
  #head = 0;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Index of the oldest entry held, or undefined when empty. */
  get firstIndex(): LogIndex | undefined {
    return this.#entries[this.#head]?.index;
  }

  get(index: LogIndex): Entry | undefined {
    const first = this.#entries[this.#head];
    return first === undefined || index < first.index ? undefined : this.#entries[this.#head + index - first.index];
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
    this.#bytes += entry.frame.length;
  }

  truncateFrom(index: LogIndex): void {
    while (this.#entries.length > this.#head && (this.#entries.at(-1) as Entry).index >= index) {
      this.#bytes -= (this.#entries.pop() as Entry).frame.length;
    }
    if (this.#entries.length === this.#head) this.clear();
  }

  /** Lets go of the oldest entries up to and including `index` while more than `maxBytes` are held. */
  evict(index: LogIndex, maxBytes: number): void {
    while (this.#bytes > maxBytes) {
      const first = this.#entries[this.#head];
      if (first === undefined || first.index > index) break;
      this.#bytes -= first.frame.length;
      this.#head++;
    }
    if (this.#head === this.#entries.length) this.clear();
    else if (this.#head > slackSlots && this.#head * 2 > this.#entries.length) {
      this.#entries.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /**
   * Entries from `from` to `to`, at most `maxEntries` and `maxBytes` of frames, at least one. `from` must be held.
   */
  slice(from: LogIndex, to: LogIndex, maxEntries: number, maxBytes: number): Entry[] {
    const first = this.#entries[this.#head] as Entry;
    const start = this.#head + from - first.index;
    const most = Math.min(to - from + 1, maxEntries, this.#entries.length - start);
    let bytes = 0;
    let count = 0;
    while (count < most) {
      bytes += (this.#entries[start + count] as Entry).frame.length;
      if (count > 0 && bytes > maxBytes) break;
      count++;
    }
    return this.#entries.slice(start, start + count);
  }

  clear(): void {
    this.#entries = [];
    this.#head = 0;
    this.#bytes = 0;
  }
}
