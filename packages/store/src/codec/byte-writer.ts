import { crc32 } from 'node:zlib';

/** Grows as needed. All numbers big-endian; whole numbers up to 2^53 travel as doubles, which hold them exactly. */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(expectedBytes = 256) {
    this.#bytes = new Uint8Array(expectedBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  byte(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
    return this;
  }

  uint32(value: number): this {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value);
    this.#length += 4;
    return this;
  }

  whole(value: number): this {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value);
    this.#length += 8;
    return this;
  }

  /** Length and bytes. */
  block(bytes: Uint8Array): this {
    return this.uint32(bytes.length).raw(bytes);
  }

  /** Length and UTF-8. Most texts are short and ASCII: those are written character by character, which is much the quickest. */
  text(text: string): this {
    const { length } = text;
    this.#reserve(4 + length);
    const start = this.#length + 4;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return this.block(encoder.encode(text));
      this.#bytes[start + i] = code;
    }
    this.uint32(length);
    this.#length += length;
    return this;
  }

  /** Without a length: the reader must know it. */
  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** What was written, as a view of exactly that length; the writer must not be used afterwards, but for `reset`. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** What was written from `start` on, as a view that holds until `reset`, or until more is written. */
  since(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.#length);
  }

  /** Appends a checksum over `context` and everything written from `start` on; see `unsealed`. */
  seal(context: string, start = 0): this {
    return this.uint32(crc32(this.since(start), crc32(context)));
  }

  /** Begins anew in the same memory: views of what was written before are void. */
  reset(): void {
    this.#length = 0;
  }

  #reserve(more: number): void {
    const wanted = this.#length + more;
    if (wanted <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(wanted, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

const encoder = new TextEncoder();
