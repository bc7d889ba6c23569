import { createHash, timingSafeEqual } from 'node:crypto';
import { ByteReader } from '../codec/byte-reader.ts';
import {
  decodeHead,
  digestBytes,
  endMark,
  headBytesMax,
  magic,
  SnapshotError,
  type SnapshotHead,
} from './snapshot-format.ts';

/** Longest record; far above what a transaction may hold. */
const recordBytesMax = 64 * 1024 * 1024;

/** What is done with the contents of a snapshot while it is being verified. */
export interface SnapshotVisitor {
  head(head: SnapshotHead): void | Promise<void>;
  record(key: string, value: Uint8Array): void | Promise<void>;
}

export interface SnapshotSummary extends SnapshotHead {
  readonly records: number;
  readonly bytes: number;
}

/**
 * Reads a snapshot to its end. Throws a `SnapshotError` for anything that is not exactly a snapshot; until it resolves, nothing that was
 * visited may be relied on.
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
    const keyBytes = await input.uint32();
    if (keyBytes === endMark) break;
    const valueBytes = await input.uint32();
    if (keyBytes + valueBytes > recordBytesMax)
      throw new SnapshotError(`record ${records} claims ${keyBytes + valueBytes} bytes`);
    const record = await input.take(keyBytes + valueBytes);
    await visitor.record(Buffer.from(record.subarray(0, keyBytes)).toString(), record.subarray(keyBytes));
    records += 1;
  }
  const counted = new ByteReader(await input.take(8)).whole();
  if (counted !== records) throw new SnapshotError(`there are ${records} records, the end says ${counted}`);
  const digest = input.digest();
  const stored = await input.take(digestBytes);
  if (!timingSafeEqual(digest, stored))
    throw new SnapshotError('the checksum over the whole is wrong: the snapshot is damaged');
  if (!(await input.atEnd())) throw new SnapshotError('there are bytes behind the end');
  return { ...head, records, bytes: input.position };
}

/** Only what the snapshot says of itself. */
export async function readSnapshotHead(pieces: AsyncIterable<Uint8Array>): Promise<SnapshotHead> {
  return await readHead(new PieceReader(pieces));
}

async function readHead(input: PieceReader): Promise<SnapshotHead> {
  const found = await input.take(magic.length);
  if (!Buffer.from(found).equals(magic)) throw new SnapshotError('this is no snapshot of a Berth store');
  const length = await input.uint32();
  if (length > headBytesMax) throw new SnapshotError(`the head claims ${length} bytes`);
  const text = await input.take(length);
  try {
    return decodeHead(text);
  } catch (error) {
    throw new SnapshotError('the head cannot be read: the snapshot is damaged', { cause: error });
  }
}

/** Takes exact numbers of bytes from pieces of any size, and hashes what it takes. */
class PieceReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #hash = createHash('sha256');
  #piece: Uint8Array = new Uint8Array(0);
  position = 0;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  async uint32(): Promise<number> {
    return new ByteReader(await this.take(4)).uint32();
  }

  /** Own bytes: pieces may be reused by whoever makes them. */
  async take(length: number): Promise<Uint8Array> {
    const taken = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      if (this.#piece.length === 0 && !(await this.#next())) throw new SnapshotError('the snapshot is cut off');
      const part = this.#piece.subarray(0, length - filled);
      taken.set(part, filled);
      filled += part.length;
      this.#piece = this.#piece.subarray(part.length);
    }
    this.#hash.update(taken);
    this.position += length;
    return taken;
  }

  /** Of everything taken so far. */
  digest(): Buffer {
    return this.#hash.copy().digest();
  }

  async atEnd(): Promise<boolean> {
    while (this.#piece.length === 0) if (!(await this.#next())) return true;
    return false;
  }

  async #next(): Promise<boolean> {
    const { done, value } = await this.#pieces.next();
    if (done === true) return false;
    this.#piece = value;
    return true;
  }
}
