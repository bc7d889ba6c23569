import type { BoundedRange } from '../key-range.ts';
import { type HistoryPage, pageTransactions, recentPage } from '../mvcc/history-page.ts';
import type { KeySpace } from '../mvcc/key-space.ts';
import { PastView } from '../mvcc/past-view.ts';
import { RecentHistory } from '../mvcc/recent-history.ts';
import type { Transaction } from '../mvcc/transaction.ts';
import { type Revision, revision } from '../revision.ts';
import { HistoryDamage, readHistory, wallMsAt } from '../state/history-reader.ts';
import type { StateDatabase } from '../state/state-database.ts';
import type { KeyValue } from '../store.ts';
import { StoreError } from '../store-error.ts';

const recentBytesMax = 16 * 1024 * 1024;

/** What happened, back to the compact revision: the newest part in memory, the rest on disk. */
export class History {
  readonly #database: StateDatabase;
  readonly #space: KeySpace;
  readonly #recent = new RecentHistory();
  /** First revision from which `#recent` is complete. */
  #recentFrom: number;
  /** Raised when a record on disk turned out to be damaged: what lies at or below it cannot be told by this server. */
  #damagedBelow: Revision;
  #closed = false;

  /** `from`: first revision that is on disk, when some of the history was lost. */
  constructor(database: StateDatabase, space: KeySpace, from: number) {
    this.#database = database;
    this.#space = space;
    this.#recentFrom = space.revision + 1;
    this.#damagedBelow = revision(from);
  }

  /** Reads and watches may begin here. */
  get floor(): Revision {
    return revision(Math.max(this.#damagedBelow, this.#space.compactRevision));
  }

  append(transaction: Transaction): void {
    this.#recent.append(transaction);
    while (this.#recent.bytes > recentBytesMax && this.#recent.length > 1) {
      this.#recent.dropOldest();
      this.#recentFrom = this.#recent.oldest?.revision ?? this.#recentFrom;
    }
  }

  /** For watchers; see `WatchHistory.page`. */
  page(from: number): HistoryPage | Promise<HistoryPage> {
    if (from >= this.#recentFrom) return recentPage(this.#recent, from, this.#space.revision);
    return this.#diskPage(from);
  }

  /** All keys of a range at a kept revision, ascending. */
  async stateAt(range: BoundedRange, at: Revision): Promise<readonly KeyValue[]> {
    const view = new PastView(range);
    // The present may move on while the disk is read: what is read in the end joins without a gap.
    for (let next = at + 1; next < this.#recentFrom; ) {
      const transactions = await this.#read(next, pageTransactions);
      view.add(transactions);
      next += transactions.length;
    }
    view.add(this.#recent.from(at + 1, Number.POSITIVE_INFINITY));
    return view.over(this.#space.present);
  }

  /** The transaction of a kept revision. */
  async at(wanted: Revision): Promise<Transaction | undefined> {
    if (wanted >= this.#recentFrom) return this.#recent.from(wanted, 1)[0];
    return (await this.#read(wanted, 1))[0];
  }

  /** See `Store.revisionAt`. */
  async revisionAt(wallMs: number): Promise<Revision | undefined> {
    const recent = this.#recent.lastAtOrBefore(wallMs);
    if (recent !== undefined) return recent.revision;
    let low = Math.max(2, this.floor);
    let high = this.#recentFrom - 1;
    let found: number | undefined;
    while (low <= high) {
      const middle = Math.floor((low + high) / 2);
      if ((await this.#guard(() => wallMsAt(this.#database, middle))) <= wallMs) {
        found = middle;
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    if (found !== undefined) return revision(found);
    const { createdMs } = this.#space;
    return this.floor <= 1 && createdMs !== 0 && wallMs >= createdMs ? revision(1) : undefined;
  }

  /** The database behind it is about to be closed: watchers that read from it shall ask its successor. */
  close(): void {
    this.#closed = true;
  }

  async #diskPage(from: number): Promise<HistoryPage> {
    try {
      const transactions = await this.#read(from, pageTransactions);
      return { transactions, through: from + transactions.length - 1 };
    } catch (error) {
      if (this.#closed) return { transactions: [], through: from - 1 };
      throw error;
    }
  }

  #read(from: number, limit: number): Promise<Transaction[]> {
    return this.#guard(() => readHistory(this.#database, from, this.#recentFrom - 1, limit));
  }

  /** Damage is never answered around: from now on history begins above it. A record that was compacted meanwhile is no damage. */
  async #guard<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof HistoryDamage)) throw error;
      if (error.revision >= this.floor) this.#damagedBelow = revision(error.revision + 1);
      throw new StoreError('compacted', `${error.message}; history begins at ${this.floor}`, { cause: error });
    }
  }
}
