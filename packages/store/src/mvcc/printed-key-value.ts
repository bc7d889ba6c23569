import { crc32 } from 'node:zlib';
import type { Revision } from '../revision.ts';
import type { KeyValue } from '../store.ts';

/** A present value that knows its checksum, which is asked for when it comes and again when it goes. */
export class PrintedKeyValue implements KeyValue {
  readonly key: string;
  readonly value: Uint8Array;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
  readonly version: number;
  /** Of key and creation: the same for all versions of one life of a key. */
  readonly #lifePrint: number;
  readonly #print: number;

  constructor(kv: KeyValue, before?: PrintedKeyValue) {
    this.key = kv.key;
    this.value = kv.value;
    this.createRevision = kv.createRevision;
    this.modRevision = kv.modRevision;
    this.version = kv.version;
    this.#lifePrint = before === undefined ? crc32(`${kv.key}\u0000${kv.createRevision}`) : before.#lifePrint;
    this.#print = crc32(kv.value, this.#lifePrint);
  }

  /** The version that follows. */
  next(value: Uint8Array, modRevision: Revision): PrintedKeyValue {
    const { key, createRevision, version } = this;
    return new PrintedKeyValue({ key, value, createRevision, modRevision, version: version + 1 }, this);
  }

  /** CRC-32 of key, creation and value. */
  get print(): number {
    return this.#print;
  }
}
