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
  /** Of key and creation: the same for all versions of one life of a key. Signed, like the print: what fits into 32 bits with a sign is kept without a box. */
  readonly #lifePrint: number;
  readonly #print: number;

  static of({ key, value, createRevision, modRevision, version }: KeyValue): PrintedKeyValue {
    const lifePrint = crc32(`${key}\u0000${createRevision}`) | 0;
    return new PrintedKeyValue(key, value, createRevision, modRevision, version, lifePrint);
  }

  private constructor(
    key: string,
    value: Uint8Array,
    createRevision: Revision,
    modRevision: Revision,
    version: number,
    lifePrint: number,
  ) {
    this.key = key;
    this.value = value;
    this.createRevision = createRevision;
    this.modRevision = modRevision;
    this.version = version;
    this.#lifePrint = lifePrint;
    this.#print = crc32(value, lifePrint >>> 0) | 0;
  }

  /** The version that follows. */
  next(value: Uint8Array, modRevision: Revision): PrintedKeyValue {
    return new PrintedKeyValue(this.key, value, this.createRevision, modRevision, this.version + 1, this.#lifePrint);
  }

  /** CRC-32 of key, creation and value, as a signed number. */
  get print(): number {
    return this.#print;
  }
}
