import { CodecError, unlessDamaged } from '../codec/byte-reader.ts';
import type { Transaction } from '../mvcc/transaction.ts';
import type { KeyValue } from '../store.ts';
import type { StateDatabase } from './state-database.ts';
import { decodeTransaction, decodeValue, recordKeys, referredTo, withPrevious } from './state-records.ts';

/** Records read together: some megabytes at most are held at once. */
const readAtOnce = 64;

/**
 * Gives transactions of the history the previous values that their records only refer to. `damaged` is told at which revision a value cannot
 * be found, and must throw.
 */
export async function completed(
  database: StateDatabase,
  transactions: readonly Transaction[],
  damaged: (revision: number, error: unknown) => never,
): Promise<Transaction[]> {
  const values = new Map<string, Uint8Array>();
  const wanted = new Map<number, string[]>();
  for (const { events } of transactions) {
    for (const event of events) {
      const previous = referredTo(event);
      if (previous === undefined) continue;
      const keys = wanted.get(previous.modRevision);
      if (keys === undefined) wanted.set(previous.modRevision, [previous.key]);
      else keys.push(previous.key);
    }
  }
  note(transactions, wanted, values);
  for (const { revision } of transactions) wanted.delete(revision);
  const revisions = [...wanted.keys()].sort((a, b) => a - b);
  for (let at = 0; at < revisions.length; at += readAtOnce)
    note(await read(database, revisions.slice(at, at + readAtOnce)), wanted, values);
  await addKept(database, transactions, values);
  return transactions.map((transaction) =>
    withPrevious(transaction, (previous) => {
      const value = values.get(nameOf(previous));
      if (value === undefined) damaged(transaction.revision, missing(previous));
      return value;
    }),
  );
}

function note(
  transactions: readonly Transaction[],
  wanted: ReadonlyMap<number, readonly string[]>,
  values: Map<string, Uint8Array>,
): void {
  for (const { revision, events } of transactions) {
    const keys = wanted.get(revision);
    if (keys === undefined) continue;
    for (const event of events)
      if (event.kind === 'put' && keys.includes(event.kv.key)) values.set(nameOf(event.kv), event.kv.value);
  }
}

/** Those that are there and sound. */
async function read({ level }: StateDatabase, revisions: readonly number[]): Promise<Transaction[]> {
  const keys = revisions.map(recordKeys.history);
  const records = await level.getMany(keys);
  return keys.flatMap((key, at) => {
    const record = records[at];
    return record === undefined ? [] : (unlessDamaged(() => decodeTransaction(key, record)) ?? []);
  });
}

/** The rest was kept when its history was deleted. */
async function addKept(
  { level }: StateDatabase,
  transactions: readonly Transaction[],
  values: Map<string, Uint8Array>,
): Promise<void> {
  for (const { events } of transactions) {
    for (const event of events) {
      const previous = referredTo(event);
      if (previous === undefined || values.has(nameOf(previous))) continue;
      const key = recordKeys.previous(previous.key);
      const record = await level.get(key);
      if (record === undefined) continue;
      const kv = unlessDamaged(() => decodeValue(key, record));
      if (kv !== undefined) values.set(nameOf(kv), new Uint8Array(kv.value));
    }
  }
}

/** No key holds a space before its end that could be mistaken: the revision has none. */
function nameOf({ key, modRevision }: KeyValue): string {
  return `${modRevision} ${key}`;
}

function missing({ key, modRevision }: KeyValue): CodecError {
  return new CodecError(`the value of ${key} at revision ${modRevision} is missing`);
}
