import { createHash, type Hash } from 'node:crypto';
import { ByteWriter } from '../codec/byte-writer.ts';
import { readBlocks, type StateDatabase } from '../state/state-database.ts';
import { decodeMeta, type StateMeta } from '../state/state-meta.ts';
import { recordKeys } from '../state/state-records.ts';
import { encodeHead, endMark, magic } from './snapshot-format.ts';

type LevelSnapshot = ReturnType<StateDatabase['level']['snapshot']>;

/** Also history that is forgotten and not yet deleted: what is kept may refer to it. */
const allRecords = { gte: '', lt: '\u007f' };
/** Bytes gathered before a piece is handed out. */
const pieceBytes = 64 * 1024;

/**
 * One moment of a state database, readable for as long as it is held, while the database goes on. The stream is the same every time
 * it is read.
 */
export class SnapshotSource {
  readonly meta: StateMeta;
  readonly #database: StateDatabase;
  readonly #snapshot: LevelSnapshot;

  private constructor(database: StateDatabase, snapshot: LevelSnapshot, meta: StateMeta) {
    this.#database = database;
    this.#snapshot = snapshot;
    this.meta = meta;
  }

  /** Undefined while nothing was ever written. */
  static async open(database: StateDatabase): Promise<SnapshotSource | undefined> {
    const snapshot = database.level.snapshot();
    const record = await database.level.get(recordKeys.meta, { snapshot });
    if (record === undefined) {
      await snapshot.close();
      return undefined;
    }
    return new SnapshotSource(database, snapshot, decodeMeta(record));
  }

  async *stream(): AsyncGenerator<Uint8Array, void, undefined> {
    const hash = createHash('sha256');
    const head = encodeHead({ meta: this.meta });
    yield hashed(hash, new ByteWriter(head.length + 64).raw(magic).block(head).finish());
    let piece = new ByteWriter(pieceBytes * 2);
    let records = 0;
    for await (const block of readBlocks(this.#database.level, allRecords, { snapshot: this.#snapshot })) {
      for (const [key, value] of block) {
        const keyBytes = Buffer.from(key);
        piece.uint32(keyBytes.length).uint32(value.length).raw(keyBytes).raw(value);
        records += 1;
        if (piece.length < pieceBytes) continue;
        yield hashed(hash, piece.finish());
        piece = new ByteWriter(pieceBytes * 2);
      }
    }
    yield hashed(hash, piece.uint32(endMark).whole(records).finish());
    yield hash.digest();
  }

  async close(): Promise<void> {
    await this.#snapshot.close();
  }
}

function hashed(hash: Hash, piece: Uint8Array): Uint8Array {
  hash.update(piece);
  return piece;
}
