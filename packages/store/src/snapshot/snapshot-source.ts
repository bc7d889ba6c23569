import { createHash, type Hash } from 'node:crypto';
import { ByteWriter } from '../codec/byte-writer.ts';
import { FrozenLevel } from '../leveldb/frozen-level.ts';
import { readBlocks } from '../state/level-blocks.ts';
import type { StateDatabase } from '../state/state-database.ts';
import { decodeMeta, type StateMeta } from '../state/state-meta.ts';
import { recordKeys } from '../state/state-records.ts';
import { encodeHead, endMark, type SnapshotForm } from './snapshot-format.ts';

/** Also history that is forgotten and not yet deleted: what is kept may refer to it. */
const allRecords = { gte: '', lt: '\u007f' };
/** Bytes gathered before a piece is handed out. */
const pieceBytes = 64 * 1024;

/** Some records, one behind the other in the form of a snapshot. */
interface Piece {
  readonly records: number;
  readonly bytes: Uint8Array;
}

/**
 * One moment of a state database, readable for as long as it is held, while the database goes on. The stream is the same every time
 * it is read.
 */
export class SnapshotSource {
  readonly form: SnapshotForm;
  readonly meta: StateMeta;
  readonly #pieces: () => AsyncIterable<Piece>;
  readonly #close: () => Promise<void>;

  private constructor(
    form: SnapshotForm,
    meta: StateMeta,
    pieces: () => AsyncIterable<Piece>,
    close: () => Promise<void>,
  ) {
    this.form = form;
    this.meta = meta;
    this.#pieces = pieces;
    this.#close = close;
  }

  /** Undefined while nothing was ever written. */
  static async ofRecords({ level }: StateDatabase): Promise<SnapshotSource | undefined> {
    const snapshot = level.snapshot();
    const record = await level.get(recordKeys.meta, { snapshot });
    if (record === undefined) {
      await snapshot.close();
      return undefined;
    }
    const blocks = (): ReturnType<typeof readBlocks> => readBlocks(level, allRecords, { snapshot });
    return new SnapshotSource(
      'records',
      decodeMeta(record),
      () => recordPieces(blocks()),
      () => snapshot.close(),
    );
  }

  /**
   * To be called while nothing is written to the database. Undefined while nothing ever was; throws when the files cannot be held, see
   * `FrozenLevel`.
   */
  static async ofFiles({ level }: StateDatabase): Promise<SnapshotSource | undefined> {
    const record = await level.get(recordKeys.meta);
    if (record === undefined) return undefined;
    const frozen = await FrozenLevel.open(level.location);
    return new SnapshotSource(
      'files',
      decodeMeta(record),
      () => filePieces(frozen),
      () => frozen.close(),
    );
  }

  /** A piece holds until the next is asked for. */
  async *stream(): AsyncGenerator<Uint8Array, void, undefined> {
    const hash = createHash('sha256');
    yield hashed(hash, encodeHead(this));
    let count = 0;
    for await (const { records, bytes } of this.#pieces()) {
      count += records;
      yield hashed(hash, bytes);
    }
    yield hashed(hash, new ByteWriter(16).uint32(endMark).whole(count).finish());
    yield hash.digest();
  }

  async close(): Promise<void> {
    await this.#close();
  }
}

async function* recordPieces(blocks: AsyncIterable<[string, Uint8Array][]>): AsyncGenerator<Piece, void, undefined> {
  let writer = new ByteWriter(pieceBytes * 2);
  let records = 0;
  for await (const block of blocks) {
    for (const [key, value] of block) {
      const keyBytes = Buffer.from(key);
      writer.uint32(keyBytes.length).uint32(value.length).raw(keyBytes).raw(value);
      records += 1;
      if (writer.length < pieceBytes) continue;
      yield { records, bytes: writer.finish() };
      writer = new ByteWriter(pieceBytes * 2);
      records = 0;
    }
  }
  if (records > 0) yield { records, bytes: writer.finish() };
}

/** The head of a record goes before it as a piece of its own: what was read is not copied. */
async function* filePieces(frozen: FrozenLevel): AsyncGenerator<Piece, void, undefined> {
  for await (const [name, bytes] of frozen.pieces()) {
    const nameBytes = Buffer.from(name);
    const head = new ByteWriter(8 + nameBytes.length).uint32(nameBytes.length).uint32(bytes.length).raw(nameBytes);
    yield { records: 1, bytes: head.finish() };
    if (bytes.length > 0) yield { records: 0, bytes };
  }
}

function hashed(hash: Hash, piece: Uint8Array): Uint8Array {
  hash.update(piece);
  return piece;
}
