import { createHash, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { ByteReader } from '../codec/byte-reader.ts';
import {
  decodeMetaText,
  digestBytes,
  endMark,
  formOf,
  headBytesMax,
  magicBytes,
  SnapshotError,
  type SnapshotHead,
} from './snapshot-format.ts';

/** Longest record; far above what a transaction may hold. */
const recordBytesMax = 64 * 1024 * 1024;
/** Two lengths; what follows the last record is longer, too. */
const recordHeadBytes = 8;

const pieceBytes = 1024 * 1024;

/** The bytes of a snapshot file, for `readSnapshot`. */
export function snapshotFile(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: pieceBytes });
}

/** What is done with the contents of a snapshot while it is being verified. */
export interface SnapshotVisitor {
  head(head: SnapshotHead): void | Promise<void>;
  /**
   * `value` is a view that holds only until the call, or what it promises, is over. In the form of files, where only their order counts, a record may come
   * in parts, one call for each.
   */
  record(key: string, value: Uint8Array): void | Promise<void>;
}

export interface SnapshotSummary extends SnapshotHead {
  readonly records: number;
  readonly bytes: number;
}

/**
 * Reads a snapshot to its end. Throws a `SnapshotError` for anything that is not exactly a snapshot; until it resolves, nothing that was
 * visited may be relied on. Waits only where it must: a snapshot may have millions of records.
 */
export async function readSnapshot(
  pieces: AsyncIterable<Uint8Array>,
  visitor: SnapshotVisitor,
): Promise<SnapshotSummary> {
  const input = new PieceReader(pieces);
  const head = await readHead(input);
  await visitor.head(head);
  let records = 0;
  for (;;) {
    if (!input.holds(recordHeadBytes)) await input.gather(recordHeadBytes);
    const keyBytes = input.uint32();
    if (keyBytes === endMark) break;
    const valueBytes = input.uint32();
    if (keyBytes + valueBytes > recordBytesMax)
      throw new SnapshotError(`record ${records} claims ${keyBytes + valueBytes} bytes`);
    if (head.form === 'files') await readParts(input, visitor, keyBytes, valueBytes);
    else {
      if (!input.holds(keyBytes + valueBytes)) await input.gather(keyBytes + valueBytes);
      const key = input.text(keyBytes);
      const visited = visitor.record(key, input.take(valueBytes));
      if (visited !== undefined) await visited;
    }
    records += 1;
  }
  await input.gather(8);
  const counted = readCount(input.take(8));
  if (counted !== records) throw new SnapshotError(`there are ${records} records, the end says ${counted}`);
  const digest = input.digest();
  await input.gather(digestBytes);
  if (!timingSafeEqual(digest, input.take(digestBytes)))
    throw new SnapshotError('the checksum over the whole is wrong: the snapshot is damaged');
  if (!(await input.atEnd())) throw new SnapshotError('there are bytes behind the end');
  return { ...head, records, bytes: input.position };
}

/** As they lie in the pieces that are read. */
async function readParts(
  input: PieceReader,
  visitor: SnapshotVisitor,
  keyBytes: number,
  valueBytes: number,
): Promise<void> {
  await input.gather(keyBytes);
  const key = input.text(keyBytes);
  let left = valueBytes;
  do {
    if (left > 0) await input.gather(1);
    const part = input.takeUpTo(left);
    await visitor.record(key, part);
    left -= part.length;
  } while (left > 0);
}

function readCount(bytes: Uint8Array): number {
  try {
    return new ByteReader(bytes).whole();
  } catch (error) {
    throw new SnapshotError('the number of records cannot be read: the snapshot is damaged', { cause: error });
  }
}

/** Only what the snapshot says of itself. */
export async function readSnapshotHead(pieces: AsyncIterable<Uint8Array>): Promise<SnapshotHead> {
  return await readHead(new PieceReader(pieces));
}

async function readHead(input: PieceReader): Promise<SnapshotHead> {
  await input.gather(magicBytes);
  const form = formOf(input.take(magicBytes));
  if (form === undefined) throw new SnapshotError('this is no snapshot of a Berth store');
  await input.gather(4);
  const length = input.uint32();
  if (length > headBytesMax) throw new SnapshotError(`the head claims ${length} bytes`);
  await input.gather(length);
  try {
    return { form, meta: decodeMetaText(input.take(length)) };
  } catch (error) {
    throw new SnapshotError('the head cannot be read: the snapshot is damaged', { cause: error });
  }
}

const nothing = Buffer.alloc(0);

/**
 * Takes exact numbers of bytes from pieces of any size, and hashes what it takes. A piece holds until the next one is asked for, and views that
 * are handed out until the next `gather`. Only what lies across pieces is copied.
 */
class PieceReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #hash = createHash('sha256');
  #piece: Buffer = nothing;
  #at = 0;
  /** Up to here the piece is part of the hash. */
  #hashed = 0;
  #before = 0;
  /** What follows the piece, of which a part was put together with what came before. */
  #following: Buffer = nothing;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  get position(): number {
    return this.#before + this.#at;
  }

  holds(length: number): boolean {
    return this.#piece.length - this.#at >= length;
  }

  /** Makes sure that `length` bytes can be taken. */
  async gather(length: number): Promise<void> {
    if (this.holds(length)) return;
    this.#hashTaken();
    this.#before += this.#at;
    let rest = this.#piece.subarray(this.#at);
    while (rest.length === 0) rest = await this.#next();
    this.#piece = rest.length < length ? await this.#joined(rest, length) : rest;
    this.#at = 0;
    this.#hashed = 0;
  }

  uint32(): number {
    this.#at += 4;
    return this.#piece.readUInt32BE(this.#at - 4);
  }

  text(length: number): string {
    this.#at += length;
    return this.#piece.toString('utf8', this.#at - length, this.#at);
  }

  take(length: number): Uint8Array {
    this.#at += length;
    return this.#piece.subarray(this.#at - length, this.#at);
  }

  /** As many as are at hand, at most `length`. */
  takeUpTo(length: number): Uint8Array {
    return this.take(Math.min(length, this.#piece.length - this.#at));
  }

  /** Of everything taken so far. */
  digest(): Buffer {
    this.#hashTaken();
    return this.#hash.copy().digest();
  }

  async atEnd(): Promise<boolean> {
    if (this.holds(1) || this.#following.length > 0) return false;
    for (;;) {
      const { done, value } = await this.#pieces.next();
      if (done === true) return true;
      if (value.length > 0) return false;
    }
  }

  async #joined(rest: Buffer, length: number): Promise<Buffer> {
    const whole = Buffer.allocUnsafe(length);
    let filled = rest.copy(whole);
    while (filled < length) {
      const next = await this.#next();
      const copied = next.copy(whole, filled);
      filled += copied;
      this.#following = next.subarray(copied);
    }
    return whole;
  }

  async #next(): Promise<Buffer> {
    const following = this.#following;
    this.#following = nothing;
    if (following.length > 0) return following;
    const { done, value } = await this.#pieces.next();
    if (done === true) throw new SnapshotError('the snapshot is cut off');
    return Buffer.from(value.buffer, value.byteOffset, value.length);
  }

  #hashTaken(): void {
    if (this.#at > this.#hashed) this.#hash.update(this.#piece.subarray(this.#hashed, this.#at));
    this.#hashed = this.#at;
  }
}
