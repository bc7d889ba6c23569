import { CodecError } from '../codec/byte-reader.ts';
import type { Transaction } from '../mvcc/transaction.ts';
import { completed } from './previous-values.ts';
import type { StateDatabase } from './state-database.ts';
import { decodeTransaction, recordKeys } from './state-records.ts';

/** A piece of the history on disk is missing or altered: nothing at or below `revision` can be told from here. */
export class HistoryDamage extends Error {
  readonly revision: number;

  constructor(revision: number, cause: unknown) {
    super(`the history on disk is damaged at revision ${revision}: ${String(cause)}`, { cause });
    this.name = 'HistoryDamage';
    this.revision = revision;
  }
}

/** Bytes of records after which a page ends. */
const pageBytes = 1024 * 1024;

/**
 * Transactions `from` to `to` (inclusive), as many as fit a page but at least one; both must lie within the kept history. Revisions are
 * consecutive, so a hole is noticed: throws `HistoryDamage` rather than leaving something out.
 */
export async function readHistory(
  database: StateDatabase,
  from: number,
  to: number,
  limit: number,
): Promise<Transaction[]> {
  const iterator = database.level.iterator({ ...recordKeys.historyFrom(from), limit });
  const transactions: Transaction[] = [];
  let bytes = 0;
  try {
    for (let wanted = from; wanted <= to && transactions.length < limit && bytes < pageBytes; wanted++) {
      const entry = await iterator.next().catch((error) => corrupt(wanted, error));
      transactions.push(decodeAt(wanted, entry));
      bytes += entry?.[1].length ?? 0;
    }
  } finally {
    await iterator.close();
  }
  return await completed(database, transactions, (at, error) => {
    throw new HistoryDamage(at, error);
  }).catch((error) => corrupt(from, error));
}

/** Wall time of a revision of the kept history. */
export async function wallMsAt(database: StateDatabase, at: number): Promise<number> {
  const key = recordKeys.history(at);
  const record = await database.level.get(key).catch((error) => corrupt(at, error));
  return decodeAt(at, record === undefined ? undefined : [key, record]).wallMs;
}

/** What LevelDB itself finds damaged. Other failures are none of the history. */
function corrupt(at: number, error: unknown): never {
  if ((error as { code?: string }).code === 'LEVEL_CORRUPTION') throw new HistoryDamage(at, error);
  throw error;
}

function decodeAt(wanted: number, entry: [string, Uint8Array] | undefined): Transaction {
  try {
    if (entry === undefined) throw new CodecError('the record is missing');
    const [key, record] = entry;
    if (recordKeys.revisionOf(key) !== wanted)
      throw new CodecError(`the next record is of ${recordKeys.revisionOf(key)}`);
    return decodeTransaction(key, record);
  } catch (error) {
    throw new HistoryDamage(wanted, error);
  }
}
