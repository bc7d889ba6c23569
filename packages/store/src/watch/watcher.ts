import type { BoundedRange } from '../key-range.ts';
import type { Transaction } from '../mvcc/transaction.ts';
import type { Revision } from '../revision.ts';
import type { StoreEvent, WatchEnd, WatchSink } from '../store.ts';
import { eventsIn } from './event-filter.ts';

/** One receiver: which revision it needs next and how its sink is spoken to. After `end` the sink hears nothing more. */
export class Watcher {
  readonly range: BoundedRange;
  /** First revision not yet delivered. */
  next: number;
  readonly #sink: WatchSink;
  #ended = false;

  constructor(range: BoundedRange, next: number, sink: WatchSink) {
    this.range = range;
    this.next = next;
    this.#sink = sink;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** False when the watcher is over. `events` are those of the range at `revision`, shared with other watchers. */
  deliver(events: readonly StoreEvent[], revision: Revision): boolean {
    return this.#speak(() => this.#sink.events(events, revision)) && this.#advance(revision);
  }

  /** Delivers older transactions one by one; `through` is where their piece of history ends. False when the watcher is over. */
  replay(transactions: readonly Transaction[], through: number): boolean {
    for (const transaction of transactions) {
      if (transaction.revision < this.next) continue;
      const events = eventsIn(this.range, transaction.events);
      if (events.length > 0 && !this.deliver(events, transaction.revision)) return false;
    }
    this.next = Math.max(this.next, through + 1);
    return !this.#ended;
  }

  bookmark(revision: Revision): boolean {
    const { bookmark } = this.#sink;
    if (bookmark === undefined || revision < this.next - 1) return !this.#ended;
    return this.#speak(() => bookmark.call(this.#sink, revision));
  }

  end(reason: WatchEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#sink.end(reason);
  }

  /** Ends without a word: the receiver itself went away. */
  silence(): void {
    this.#ended = true;
  }

  #advance(revision: Revision): boolean {
    this.next = revision + 1;
    return !this.#ended;
  }

  /** A sink that throws must not harm the others nor the store; it alone is over. */
  #speak(call: () => boolean): boolean {
    if (this.#ended) return false;
    try {
      if (call()) return !this.#ended;
      this.end({ kind: 'slow' });
    } catch (error) {
      this.end({ kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) });
    }
    return false;
  }
}
