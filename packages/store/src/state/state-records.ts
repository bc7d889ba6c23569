import { ByteReader, CodecError } from '../codec/byte-reader.ts';
import type { ByteWriter } from '../codec/byte-writer.ts';
import { unsealed, unverified } from '../codec/checksum.ts';
import { eventKey, type Transaction, transactionBytes } from '../mvcc/transaction.ts';
import { revision } from '../revision.ts';
import type { KeyValue, StoreEvent } from '../store.ts';

/**
 * Keys of the state database: one letter for the kind of record, then its name. Every value is sealed with a checksum over its key
 * and itself, because table files are not verified when they are read.
 *
 * | key | value |
 * | --- | --- |
 * | `c<key>` | a key at the settled revision or later, its value or where the history holds it; what changed after that revision is in the history |
 * | `e<revision, 16 hex digits>` | everything that changed at a revision, and where to find what was there before |
 * | `m` | what the database stands for: applied index, revision, settled revision, state hash |
 * | `p<key>` | the last value whose record of the history was deleted, while the kept history still refers to it |
 * | `s<session, 16 hex digits>` | results of a session |
 */
export const recordKeys = {
  meta: 'm',
  present: (key: string): string => `c${key}`,
  previous: (key: string): string => `p${key}`,
  history: (at: number): string => `e${hex(at)}`,
  session: (id: number): string => `s${hex(id)}`,
  allPresent: { gte: 'c', lt: 'd' },
  allPrevious: { gte: 'p', lt: 'q' },
  allSessions: { gte: 's', lt: 't' },
  historyFrom: (at: number): { gte: string; lt: string } => ({ gte: `e${hex(at)}`, lt: 'f' }),
  historyBetween: (from: number, to: number): { gte: string; lt: string } => ({
    gte: `e${hex(from)}`,
    lt: `e${hex(to + 1)}`,
  }),
  revisionOf: (historyKey: string): number => Number.parseInt(historyKey.slice(1), 16),
  keyOf: (presentKey: string): string => presentKey.slice(1),
  sessionOf: (sessionKey: string): number => Number.parseInt(sessionKey.slice(1), 16),
};

function hex(value: number): string {
  return value.toString(16).padStart(16, '0');
}

/** The record of one value under `recordKey`: a view of what is appended to `writer`. */
export function encodeValue(recordKey: string, kv: KeyValue, writer: ByteWriter): Uint8Array {
  const start = writer.length;
  writeNumbers(writer, kv).raw(kv.value);
  return writer.seal(recordKey, start).since(start);
}

/** Like `encodeValue`, but what the history tells from `referFrom` on is not said again. */
export function encodePresent(recordKey: string, kv: KeyValue, referFrom: number, writer: ByteWriter): Uint8Array {
  if (!isReferred(kv, referFrom)) return encodeValue(recordKey, kv, writer);
  const start = writer.length;
  writeNumbers(writer.whole(referenceMark), kv);
  return writer.seal(recordKey, start).since(start);
}

/** The value is a view of the record, or lies elsewhere. */
export function decodeValue(recordKey: string, record: Uint8Array): KeyValue {
  return presentValue(recordKey.slice(1), unsealed(recordKey, record));
}

/** Like `decodeValue`, of a record that is not verified: see `LatestValues`. */
export function decodeUnverified(key: string, record: Uint8Array): KeyValue {
  return presentValue(key, unverified(record));
}

function presentValue(key: string, body: Uint8Array): KeyValue {
  const reader = new ByteReader(body);
  const first = reader.whole();
  const createRevision = revision(first === referenceMark ? reader.whole() : first);
  const modRevision = revision(reader.whole());
  const version = reader.whole();
  if (first !== referenceMark) return { key, createRevision, modRevision, version, value: reader.raw(reader.left) };
  reader.end();
  return { key, createRevision, modRevision, version, value: elsewhere };
}

const eventKinds = { put: 1, delete: 2 } as const;
/** What is told of a version. */
const versionForms = { none: 0, whole: 1, reference: 2 } as const;
/** A value that lies elsewhere: in the history at the version's revision, or in the record of the previous value. */
const elsewhere = new Uint8Array(0);
/** Below this a reference saves too little. */
const referenceBytesMin = 64;
/** Where a record of a value begins with the revision that made the key, which is never 0. */
const referenceMark = 0;

/** Whether the value is to be looked up: in the history at its revision, or in the record of the previous value. */
export function liesElsewhere({ value }: KeyValue): boolean {
  return value === elsewhere;
}

/** Whether a record says where the value is instead of the value, when it may refer to `referFrom` and later. */
export function isReferred({ modRevision, value }: KeyValue, referFrom: number): boolean {
  return modRevision >= referFrom && value.length >= referenceBytesMin;
}

/** Appends the sealed record of a transaction to `writer`. What was changed at `referFrom` or later is not said again: that is where its era begins. */
export function writeTransaction(writer: ByteWriter, transaction: Transaction, referFrom: number): void {
  const start = writer.length;
  writer.whole(transaction.wallMs).text(transaction.cause).uint32(transaction.events.length);
  for (const event of transaction.events) {
    writer.byte(eventKinds[event.kind]).text(eventKey(event));
    writePrevious(writer, event.previous, referFrom);
    if (event.kind === 'put') writeVersion(writer, event.kv);
  }
  writer.seal(recordKeys.history(transaction.revision), start);
}

/** Previous values that lie elsewhere are to be looked up with `withPrevious`. */
export function decodeTransaction(recordKey: string, record: Uint8Array): Transaction {
  const reader = new ByteReader(unsealed(recordKey, record));
  const at = revision(recordKeys.revisionOf(recordKey));
  const wallMs = reader.whole();
  const cause = reader.text();
  const events: StoreEvent[] = [];
  for (let left = reader.uint32(); left > 0; left--) {
    const kind = reader.byte();
    const key = reader.text();
    const previous = owned(readVersion(reader, key));
    if (kind === eventKinds.delete) events.push({ kind: 'delete', key, modRevision: at, previous });
    else if (kind === eventKinds.put)
      events.push({ kind: 'put', kv: present(owned(readVersion(reader, key))), previous });
    else throw new CodecError(`unknown event kind ${kind}`);
  }
  reader.end();
  return { revision: at, wallMs, cause, events, bytes: transactionBytes(events) };
}

/** What became of a key. The value is a view of the record. */
export interface Change {
  readonly key: string;
  /** Undefined: deleted. */
  readonly kv: KeyValue | undefined;
}

/** What a transaction left behind, in its order, without what was there before, of keys that are wanted. Not verified: see `LatestValues`. */
export function decodeChanges(record: Uint8Array, wanted?: (key: string) => boolean): readonly Change[] {
  return changes(unverified(record), wanted);
}

/** Like `decodeChanges`, but a `CodecError` when the record is not what was written. */
export function verifiedChanges(recordKey: string, record: Uint8Array): readonly Change[] {
  return changes(unsealed(recordKey, record));
}

/**
 * How many changes a record holds. `replaced` is told the revision of each version that one of them replaced; keys and values are not even looked
 * at. A `CodecError` when the record is not what was written.
 */
export function countChanges(recordKey: string, record: Uint8Array, replaced: (revision: number) => void): number {
  const reader = new ByteReader(unsealed(recordKey, record));
  reader.whole();
  reader.skip(reader.uint32());
  const count = reader.uint32();
  for (let left = count; left > 0; left--) {
    const kind = reader.byte();
    reader.skip(reader.uint32());
    const form = versionForm(reader);
    if (form !== versionForms.none) {
      reader.skip(8);
      replaced(reader.whole());
      reader.skip(8);
      if (form === versionForms.whole) reader.skip(reader.uint32());
    }
    if (kind === eventKinds.put) skipVersion(reader);
    else if (kind !== eventKinds.delete) throw new CodecError(`unknown event kind ${kind}`);
  }
  reader.end();
  return count;
}

function changes(body: Uint8Array, wanted: (key: string) => boolean = () => true): readonly Change[] {
  const reader = new ByteReader(body);
  reader.whole();
  reader.skip(reader.uint32());
  const found: Change[] = [];
  for (let left = reader.uint32(); left > 0; left--) {
    const kind = reader.byte();
    const key = reader.text();
    skipVersion(reader);
    if (kind !== eventKinds.put && kind !== eventKinds.delete) throw new CodecError(`unknown event kind ${kind}`);
    if (!wanted(key)) {
      if (kind === eventKinds.put) skipVersion(reader);
    } else found.push({ key, kv: kind === eventKinds.put ? present(readVersion(reader, key)) : undefined });
  }
  reader.end();
  return found;
}

/** What was there before, when its value lies elsewhere. */
export function referredTo(event: StoreEvent): KeyValue | undefined {
  return event.previous !== undefined && liesElsewhere(event.previous) ? event.previous : undefined;
}

/** The transaction with all previous values, those that lie elsewhere told by `lookUp`. */
export function withPrevious(transaction: Transaction, lookUp: (kv: KeyValue) => Uint8Array): Transaction {
  if (!transaction.events.some(referredTo)) return transaction;
  const events = transaction.events.map((event) => {
    const previous = referredTo(event);
    return previous === undefined ? event : { ...event, previous: { ...previous, value: lookUp(previous) } };
  });
  return { ...transaction, events, bytes: transactionBytes(events) };
}

function writePrevious(writer: ByteWriter, kv: KeyValue | undefined, referFrom: number): void {
  if (kv === undefined) writer.byte(versionForms.none);
  else if (!isReferred(kv, referFrom)) writeVersion(writer, kv);
  else writeNumbers(writer.byte(versionForms.reference), kv);
}

function writeVersion(writer: ByteWriter, kv: KeyValue): void {
  writeNumbers(writer.byte(versionForms.whole), kv).block(kv.value);
}

function skipVersion(reader: ByteReader): void {
  const form = versionForm(reader);
  if (form === versionForms.none) return;
  reader.skip(3 * 8);
  if (form === versionForms.whole) reader.skip(reader.uint32());
}

/** The value is a view. */
function readVersion(reader: ByteReader, key: string): KeyValue | undefined {
  const form = versionForm(reader);
  if (form === versionForms.none) return undefined;
  const createRevision = revision(reader.whole());
  const modRevision = revision(reader.whole());
  const version = reader.whole();
  const value = form === versionForms.reference ? elsewhere : reader.block();
  return { key, createRevision, modRevision, version, value };
}

function writeNumbers(writer: ByteWriter, { createRevision, modRevision, version }: KeyValue): ByteWriter {
  return writer.whole(createRevision).whole(modRevision).whole(version);
}

function versionForm(reader: ByteReader): number {
  const form = reader.byte();
  if (form > versionForms.reference) throw new CodecError(`unknown form ${form} of a version`);
  return form;
}

/** For what outlives the record. */
function owned(kv: KeyValue | undefined): KeyValue | undefined {
  return kv === undefined || liesElsewhere(kv) ? kv : { ...kv, value: new Uint8Array(kv.value) };
}

function present(kv: KeyValue | undefined): KeyValue {
  if (kv === undefined || liesElsewhere(kv)) throw new CodecError('a put without a value');
  return kv;
}
