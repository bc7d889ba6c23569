/** Bytes that are not what they should be: damage, or the work of another version. */
export class CodecError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CodecError';
  }
}

/** What `decode` returns; undefined when it finds damage. */
export function unlessDamaged<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof CodecError) return undefined;
    throw error;
  }
}

/** The counterpart of `ByteWriter`. Throws a `CodecError` rather than reading beyond the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    const at = this.#take(1);
    return this.#view.getUint8(at);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  whole(): number {
    const value = this.#view.getFloat64(this.#take(8));
    if (!Number.isSafeInteger(value) || value < 0) throw new CodecError(`${value} is no whole number >= 0`);
    return value;
  }

  /** A view of the bytes read. */
  block(): Uint8Array {
    return this.raw(this.uint32());
  }

  /** A copy, for what outlives the buffer. */
  ownBlock(): Uint8Array {
    return new Uint8Array(this.block());
  }

  text(): string {
    return decoder.decode(this.block());
  }

  /** A view of the next `length` bytes. */
  raw(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  skip(length: number): void {
    this.#take(length);
  }

  end(): void {
    if (this.left !== 0) throw new CodecError(`${this.left} bytes too many`);
  }

  #take(length: number): number {
    const at = this.#at;
    if (length > this.left) throw new CodecError(`cut off: ${length} bytes wanted, ${this.left} left`);
    this.#at = at + length;
    return at;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });
