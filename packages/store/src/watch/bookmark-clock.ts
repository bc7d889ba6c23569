import type { Timers } from '@berth/world';
import type { Watcher } from './watcher.ts';

interface Beat {
  readonly watchers: Set<Watcher>;
  readonly timer: Disposable;
}

/** One timer per distinct interval, however many watchers share it. */
export class BookmarkClock {
  readonly #timers: Timers;
  readonly #bookmark: (watcher: Watcher) => void;
  readonly #beats = new Map<number, Beat>();

  constructor(timers: Timers, bookmark: (watcher: Watcher) => void) {
    this.#timers = timers;
    this.#bookmark = bookmark;
  }

  add(watcher: Watcher, intervalMs: number): void {
    const beat = this.#beats.get(intervalMs);
    if (beat !== undefined) {
      beat.watchers.add(watcher);
      return;
    }
    const watchers = new Set([watcher]);
    const timer = this.#timers.every(intervalMs, () => {
      for (const each of watchers) this.#bookmark(each);
    });
    this.#beats.set(intervalMs, { watchers, timer });
  }

  delete(watcher: Watcher): void {
    for (const [intervalMs, beat] of this.#beats) {
      if (!beat.watchers.delete(watcher)) continue;
      if (beat.watchers.size > 0) return;
      beat.timer[Symbol.dispose]();
      this.#beats.delete(intervalMs);
    }
  }

  close(): void {
    for (const beat of this.#beats.values()) beat.timer[Symbol.dispose]();
    this.#beats.clear();
  }
}
