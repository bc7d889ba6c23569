import type { HistoryPage } from '../mvcc/history-page.ts';
import { pageTransactions } from '../mvcc/history-page.ts';
import type { Transaction } from '../mvcc/transaction.ts';
import { StoreError } from '../store-error.ts';
import type { EtcdChannel } from './etcd-channel.ts';
import { storeErrorOf } from './etcd-errors.ts';
import { groupEvents } from './etcd-event-groups.ts';
import { asciiBytes, type EtcdKeys } from './etcd-keys.ts';

/**
 * Reads transactions that are older than the mirror, by a watch of its own that is given up at `before`. There must be an event of
 * this cluster at or after `before`, which is what tells that nothing is missing.
 */
export function readPast(channel: EtcdChannel, keys: EtcdKeys, from: number, before: number): Promise<HistoryPage> {
  const { promise, resolve, reject } = Promise.withResolvers<HistoryPage>();
  const range = { key: asciiBytes(keys.all.from), rangeEnd: asciiBytes(keys.all.to) };
  const stream = channel.openWatch(range, from);
  const transactions: Transaction[] = [];
  stream.on('data', (response) => {
    if (response.canceled) {
      const text =
        response.compactRevision > 0 ? `history begins at ${response.compactRevision}` : response.cancelReason;
      reject(new StoreError('compacted', `revision ${from} is forgotten, ${text}`));
      stream.cancel();
      return;
    }
    for (const { transaction } of groupEvents(keys, response.events, 0)) {
      if (transaction.revision >= before) return finish(before - 1);
      if (transaction.events.length > 0) transactions.push(transaction);
      if (transactions.length >= pageTransactions) return finish(transaction.revision);
    }
  });
  stream.on('error', (error) => reject(storeErrorOf(error, 'read')));
  stream.on('end', () => reject(new StoreError('unavailable', 'etcd ended a watch')));
  function finish(through: number): void {
    resolve({ transactions, through });
    stream.cancel();
  }
  return promise;
}
