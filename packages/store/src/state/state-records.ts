import { ByteReader, CodecError } from '../codec/byte-reader.ts';
import { ByteWriter } from '../codec/byte-writer.ts';
import { unsealed } from '../codec/checksum.ts';
import { eventKey, type Transaction, transactionBytes } from '../mvcc/transaction.ts';
import { revision } from '../revision.ts';
import type { KeyValue, StoreEvent } from '../store.ts';

/**
 * Keys of the state database: one letter for the kind of record, then its name. Every value is sealed with a checksum over its key
 * and itself, because table files are not verified when they are read.
 *
 * | key | value |
 * | --- | --- |
 * | `c<key>` | the present value of a key |
 * | `e<revision, 16 hex digits>` | everything that changed at a revision, with what was there before |
 * | `m` | what the database stands for: applied index, revision, state hash |
 * | `s<session, 16 hex digits>` | results of a session |
 */
export const recordKeys = {
  meta: 'm',
  present: (key: string): string => `c${key}`,
  history: (at: number): string => `e${hex(at)}`,
  session: (id: number): string => `s${hex(id)}`,
  allPresent: { gte: 'c', lt: 'd' },
  allSessions: { gte: 's', lt: 't' },
  historyFrom: (at: number): { gte: string; lt: string } => ({ gte: `e${hex(at)}`, lt: 'f' }),
  historyBelow: (at: number): { gte: string; lt: string } => ({ gte: 'e', lt: `e${hex(at)}` }),
  revisionOf: (historyKey: string): number => Number.parseInt(historyKey.slice(1), 16),
  sessionOf: (sessionKey: string): number => Number.parseInt(sessionKey.slice(1), 16),
};

function hex(value: number): string {
  return value.toString(16).padStart(16, '0');
}

export function encodePresent(kv: KeyValue): Uint8Array {
  const writer = new ByteWriter(28 + kv.value.length);
  writer.whole(kv.createRevision).whole(kv.modRevision).whole(kv.version).raw(kv.value);
  return writer.seal(recordKeys.present(kv.key));
}

export function decodePresent(recordKey: string, record: Uint8Array): KeyValue {
  const reader = new ByteReader(unsealed(recordKey, record));
  return {
    key: recordKey.slice(1),
    createRevision: revision(reader.whole()),
    modRevision: revision(reader.whole()),
    version: reader.whole(),
    value: new Uint8Array(reader.raw(reader.left)),
  };
}

const eventKinds = { put: 1, delete: 2 } as const;

export function encodeTransaction(transaction: Transaction): Uint8Array {
  const writer = new ByteWriter(128 + transaction.bytes);
  writer.whole(transaction.wallMs).text(transaction.cause).uint32(transaction.events.length);
  for (const event of transaction.events) {
    writer.byte(eventKinds[event.kind]).text(eventKey(event));
    writeVersion(writer, event.previous);
    if (event.kind === 'put') writeVersion(writer, event.kv);
  }
  return writer.seal(recordKeys.history(transaction.revision));
}

export function decodeTransaction(recordKey: string, record: Uint8Array): Transaction {
  const reader = new ByteReader(unsealed(recordKey, record));
  const at = revision(recordKeys.revisionOf(recordKey));
  const wallMs = reader.whole();
  const cause = reader.text();
  const events: StoreEvent[] = [];
  for (let left = reader.uint32(); left > 0; left--) {
    const kind = reader.byte();
    const key = reader.text();
    const previous = readVersion(reader, key);
    if (kind === eventKinds.delete) events.push({ kind: 'delete', key, modRevision: at, previous });
    else if (kind === eventKinds.put) events.push({ kind: 'put', kv: present(readVersion(reader, key)), previous });
    else throw new CodecError(`unknown event kind ${kind}`);
  }
  reader.end();
  return { revision: at, wallMs, cause, events, bytes: transactionBytes(events) };
}

function writeVersion(writer: ByteWriter, kv: KeyValue | undefined): void {
  writer.byte(kv === undefined ? 0 : 1);
  if (kv === undefined) return;
  writer.whole(kv.createRevision).whole(kv.modRevision).whole(kv.version).block(kv.value);
}

function readVersion(reader: ByteReader, key: string): KeyValue | undefined {
  if (reader.byte() === 0) return undefined;
  const createRevision = revision(reader.whole());
  const modRevision = revision(reader.whole());
  const version = reader.whole();
  return { key, createRevision, modRevision, version, value: reader.ownBlock() };
}

function present(kv: KeyValue | undefined): KeyValue {
  if (kv === undefined) throw new CodecError('a put without a value');
  return kv;
}
