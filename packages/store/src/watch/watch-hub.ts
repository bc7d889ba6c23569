import type { World } from '@berth/world';
import { boundedRange } from '../key-range.ts';
import type { HistoryPage } from '../mvcc/history-page.ts';
import type { Transaction } from '../mvcc/transaction.ts';
import { checkWatch } from '../request-validation.ts';
import type { Revision } from '../revision.ts';
import type { WatchEnd, WatchRequest, WatchSink } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { BookmarkClock } from './bookmark-clock.ts';
import { LiveWatchers } from './live-watchers.ts';
import { Watcher } from './watcher.ts';

/** Where a watcher that starts in the past reads what it missed. */
export interface WatchHistory {
  readonly revision: Revision;
  readonly compactRevision: Revision;
  /** What happened from `from` on, which is not above the present: at once when it is in memory, a promise when it must be read. */
  page(from: number): HistoryPage | Promise<HistoryPage>;
}

/** Revision 1 is the empty store: nothing changed there. */
const firstChange = 2;

/**
 * All watchers of one store. A watcher first catches up from history, page by page, and becomes live in the same turn in which
 * it has nothing left to read: no transaction can slip in between.
 */
export class WatchHub {
  readonly #world: World;
  readonly #history: WatchHistory;
  readonly #live = new LiveWatchers();
  readonly #catchingUp = new Set<Watcher>();
  readonly #bookmarks: BookmarkClock;
  #closed = false;

  constructor(world: World, history: WatchHistory) {
    this.#world = world;
    this.#history = history;
    this.#bookmarks = new BookmarkClock(world.timers, (watcher) => this.#bookmark(watcher));
  }

  get size(): number {
    let size = this.#catchingUp.size;
    for (const _ of this.#live.all()) size += 1;
    return size;
  }

  /** The sink hears nothing before this has returned. */
  watch(request: WatchRequest, sink: WatchSink): Disposable {
    checkWatch(request);
    const next = Math.max(firstChange, request.startRevision ?? this.#history.revision + 1);
    const watcher = new Watcher(boundedRange(request), next, sink);
    if (request.bookmarkIntervalMs !== undefined) this.#bookmarks.add(watcher, request.bookmarkIntervalMs);
    if (this.#closed || next <= this.#history.revision) {
      this.#catchingUp.add(watcher);
      this.#soon(watcher);
    } else {
      this.#live.add(watcher);
    }
    return {
      [Symbol.dispose]: () => {
        watcher.silence();
        this.#forget(watcher);
      },
    };
  }

  /** To be called once for each transaction, in order, right after it became the present. */
  publish(transaction: Transaction): void {
    this.#live.publish(transaction);
  }

  /** Ends every watcher: the store closes, or its state was replaced by one they cannot follow. */
  endAll(reason: WatchEnd): void {
    for (const watcher of [...this.#live.all(), ...this.#catchingUp]) this.#end(watcher, reason);
  }

  /** Sends every watcher back to the history: the present has moved on by a jump, not by transactions. */
  catchUpAll(): void {
    for (const watcher of [...this.#live.all()]) {
      if (watcher.next > this.#history.revision) continue;
      this.#live.delete(watcher);
      this.#catchingUp.add(watcher);
      this.#soon(watcher);
    }
  }

  close(): void {
    this.#closed = true;
    this.endAll({ kind: 'closed' });
    this.#bookmarks.close();
  }

  #soon(watcher: Watcher): void {
    this.#world.timers.after(0, () => void this.#catchUp(watcher));
  }

  async #catchUp(watcher: Watcher): Promise<void> {
    try {
      if (watcher.ended) return;
      if (this.#closed) return this.#end(watcher, { kind: 'closed' });
      const { compactRevision } = this.#history;
      if (watcher.next < compactRevision) return this.#end(watcher, { kind: 'compacted', compactRevision });
      if (watcher.next <= this.#history.revision) {
        const page = this.#history.page(watcher.next);
        const { transactions, through } = page instanceof Promise ? await page : page;
        if (!watcher.replay(transactions, through)) return this.#forget(watcher);
      }
      if (watcher.next > this.#history.revision) {
        this.#catchingUp.delete(watcher);
        this.#live.add(watcher);
      } else {
        this.#soon(watcher);
      }
    } catch (error) {
      this.#end(watcher, this.#reasonOf(error));
    }
  }

  /** History may be compacted while it is being read. */
  #reasonOf(error: unknown): WatchEnd {
    if (error instanceof StoreError && error.code === 'compacted')
      return { kind: 'compacted', compactRevision: this.#history.compactRevision };
    return { kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) };
  }

  /** A watcher that is still catching up has not been told everything up to the present: it gets no bookmark. */
  #bookmark(watcher: Watcher): void {
    if (this.#catchingUp.has(watcher)) return;
    if (!watcher.bookmark(this.#history.revision)) this.#forget(watcher);
  }

  #end(watcher: Watcher, reason: WatchEnd): void {
    this.#forget(watcher);
    watcher.end(reason);
  }

  #forget(watcher: Watcher): void {
    this.#live.delete(watcher);
    this.#catchingUp.delete(watcher);
    this.#bookmarks.delete(watcher);
  }
}
