import { ByteCursor, LevelFault } from './byte-cursor.ts';
import { crc32c, unmaskedCrc } from './crc32c.ts';
import { unsnappy } from './snappy.ts';

const footerBytes = 48;
const magicLow = 0x8b80fb57;
const magicHigh = 0xdb477524;
/** Kind of compression and checksum behind every block. */
const trailerBytes = 5;
const snappyKind = 1;

export interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

/** A table file of LevelDB: data blocks, and indexes that name them. Throws a `LevelFault` for what does not verify. */
export class LevelTable {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** The footer has no checksum: it is proven by what it leads to. */
  indexes(): { readonly metaIndex: BlockHandle; readonly index: BlockHandle } {
    const footer = this.#bytes.length - footerBytes;
    if (footer < 0)
      throw new LevelFault(`a table has at least ${footerBytes} bytes, this one has ${this.#bytes.length}`);
    if (this.#view.getUint32(footer + 40, true) !== magicLow || this.#view.getUint32(footer + 44, true) !== magicHigh)
      throw new LevelFault('the mark at its end is damaged');
    const cursor = new ByteCursor(this.#bytes.subarray(footer, footer + 40));
    return { metaIndex: handleFrom(cursor), index: handleFrom(cursor) };
  }

  verify({ offset, size }: BlockHandle): void {
    const end = offset + size;
    if (end + trailerBytes > this.#bytes.length) throw new LevelFault(`the block at ${offset} is cut off`);
    const stored = this.#view.getUint32(end + 1, true);
    if (unmaskedCrc(stored) !== crc32c(this.#bytes.subarray(offset, end + 1)))
      throw new LevelFault(`the checksum of the block at ${offset} is wrong`);
  }

  /** Keys and values of a block, which is verified first. Keys share their beginnings with the one before. */
  *entries(handle: BlockHandle): Generator<readonly [key: Uint8Array, value: Uint8Array], void, undefined> {
    this.verify(handle);
    const block = this.#expand(handle);
    if (block.length < 4) throw new LevelFault(`the block at ${handle.offset} is too short`);
    const restarts = new DataView(block.buffer, block.byteOffset, block.length).getUint32(block.length - 4, true);
    const end = block.length - 4 - 4 * restarts;
    if (end < 0) throw new LevelFault(`the block at ${handle.offset} is damaged`);
    const cursor = new ByteCursor(block.subarray(0, end));
    let key: Uint8Array = new Uint8Array(0);
    while (cursor.left > 0) {
      const shared = cursor.varint();
      const own = cursor.varint();
      const valueBytes = cursor.varint();
      if (shared > key.length) throw new LevelFault(`the block at ${handle.offset} is damaged`);
      const next = new Uint8Array(shared + own);
      next.set(key.subarray(0, shared));
      next.set(cursor.take(own), shared);
      key = next;
      yield [key, cursor.take(valueBytes)];
    }
  }

  /** The blocks that an index names. */
  *handles(index: BlockHandle): Generator<BlockHandle, void, undefined> {
    for (const [, value] of this.entries(index)) yield handleFrom(new ByteCursor(value));
  }

  #expand({ offset, size }: BlockHandle): Uint8Array {
    const raw = this.#bytes.subarray(offset, offset + size);
    return this.#bytes[offset + size] === snappyKind ? unsnappy(raw) : raw;
  }
}

function handleFrom(cursor: ByteCursor): BlockHandle {
  return { offset: cursor.varint(), size: cursor.varint() };
}
