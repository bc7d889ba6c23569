import type { BoundedRange } from '../key-range.ts';
import type { Transaction } from '../mvcc/transaction.ts';
import { eventsIn } from './event-filter.ts';
import type { Watcher } from './watcher.ts';

interface Group {
  readonly range: BoundedRange;
  readonly watchers: Set<Watcher>;
}

/**
 * Watchers that have seen everything up to the present, grouped by range: the events of a transaction are filtered once per
 * distinct range, and a thousand watchers of one range cost a thousand calls with the same array.
 */
export class LiveWatchers {
  readonly #groups = new Map<string, Group>();

  add(watcher: Watcher): void {
    const id = groupId(watcher.range);
    const group = this.#groups.get(id);
    if (group === undefined) this.#groups.set(id, { range: watcher.range, watchers: new Set([watcher]) });
    else group.watchers.add(watcher);
  }

  delete(watcher: Watcher): void {
    const id = groupId(watcher.range);
    const group = this.#groups.get(id);
    group?.watchers.delete(watcher);
    if (group?.watchers.size === 0) this.#groups.delete(id);
  }

  publish(transaction: Transaction): void {
    for (const group of this.#groups.values()) {
      const events = eventsIn(group.range, transaction.events);
      if (events.length === 0) continue;
      for (const watcher of group.watchers) {
        if (watcher.next > transaction.revision) continue;
        if (!watcher.deliver(events, transaction.revision)) this.delete(watcher);
      }
    }
  }

  *all(): Generator<Watcher, void, undefined> {
    for (const group of this.#groups.values()) yield* group.watchers;
  }
}

function groupId(range: BoundedRange): string {
  return `${range.from}\u0000${range.to}`;
}
