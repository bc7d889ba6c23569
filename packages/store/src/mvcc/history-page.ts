import type { RecentHistory } from './recent-history.ts';
import type { Transaction } from './transaction.ts';

/** A watcher that catches up gets this many transactions per turn of the event loop. */
export const pageTransactions = 256;

/** A piece of history without a gap. */
export interface HistoryPage {
  /** Oldest first. */
  readonly transactions: readonly Transaction[];
  /** Nothing else happened up to and including this revision, which is at least the first one asked for. */
  readonly through: number;
}

/** The piece of `history` from `from` on, for a watcher; `history` must reach back that far. */
export function recentPage(history: RecentHistory, from: number, present: number): HistoryPage {
  const transactions = history.from(from, pageTransactions);
  const last = transactions.length < pageTransactions ? undefined : transactions.at(-1);
  return { transactions, through: last?.revision ?? present };
}
