import { type Operation, StoreError } from '@berth/store';

/**
 * The messages of etcd's KV service that loads consist of, read and written without an object for each of their parts. What
 * stands here before each part is its field number in `proto/etcd/v3/rpc.proto` and its kind, in the one byte they take below 16.
 */
const tags = {
  success: lengthTag(2),
  requestPut: lengthTag(2),
  key: lengthTag(1),
  value: lengthTag(2),
  serializable: numberTag(7),
  header: lengthTag(1),
  revision: numberTag(3),
  succeeded: numberTag(2),
  responses: lengthTag(3),
  responsePut: lengthTag(2),
} as const;

/** A `RangeRequest` of one key. */
export function rangeRequest(key: string, serializable: boolean): Buffer {
  const ofKey = delimited(tags.key, Buffer.from(key, 'latin1'));
  return serializable ? Buffer.concat([ofKey, Buffer.of(tags.serializable, 1)]) : ofKey;
}

/** A `TxnRequest` that compares nothing and puts these. */
export function txnRequest(puts: readonly { readonly key: string; readonly value: Buffer }[]): Buffer {
  return Buffer.concat(
    puts.map(({ key, value }) => {
      const put = [delimited(tags.key, Buffer.from(key, 'latin1')), delimited(tags.value, value)];
      return delimited(tags.success, delimited(tags.requestPut, ...put));
    }),
  );
}

/** The operations of a `TxnRequest` that only puts. Values are views of `message`. */
export function putsOf(message: Buffer): Operation[] {
  const puts: Operation[] = [];
  const cursor = { message, at: 0 };
  while (cursor.at < message.length) {
    enter(cursor, tags.success);
    const end = enter(cursor, tags.requestPut);
    let key = '';
    let value = message.subarray(0, 0);
    while (cursor.at < end) {
      const holdsKey = message[cursor.at] === tags.key;
      const stop = enter(cursor, holdsKey ? tags.key : tags.value);
      if (holdsKey) key = message.toString('latin1', cursor.at, stop);
      else value = message.subarray(cursor.at, stop);
      cursor.at = stop;
    }
    puts.push({ kind: 'put', key, value });
  }
  return puts;
}

/** A `TxnResponse` of as many puts, as etcd gives it: with the revision of the whole, and again of each put. */
export function txnAnswer(revision: number, succeeded: boolean, puts: number): Buffer {
  const number = varint(revision);
  const header = delimited(tags.header, Buffer.of(tags.revision, ...number));
  const response = delimited(tags.responses, delimited(tags.responsePut, header));
  const outcome = succeeded ? Buffer.of(tags.succeeded, 1) : Buffer.alloc(0);
  return Buffer.concat([header, outcome, ...Array.from({ length: puts }, () => response)]);
}

interface Cursor {
  readonly message: Buffer;
  at: number;
}

/** Steps over a tag and a length; tells where what follows ends. */
function enter(cursor: Cursor, tag: number): number {
  const { message } = cursor;
  if (message[cursor.at] !== tag)
    throw new StoreError(
      'invalid',
      `only puts of a key and a value are measured, got tag ${message[cursor.at]} instead of ${tag}`,
    );
  cursor.at += 1;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = message[cursor.at++] ?? 0;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) return cursor.at + length;
  }
}

function delimited(tag: number, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.of(tag, ...varint(length)), ...parts]);
}

function varint(whole: number): number[] {
  const bytes: number[] = [];
  for (let left = whole; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...bytes, left];
    bytes.push((left % 128) | 0x80);
  }
}

function lengthTag(field: number): number {
  return (field << 3) | 2;
}

function numberTag(field: number): number {
  return field << 3;
}
