/** The body is no protobuf of the expected shape. */
export class ProtobufError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtobufError';
  }
}

/** Wire types of the encoding; 3 and 4 (groups) are not used by proto2 messages of today. */
export type WireType = 0 | 1 | 2 | 5;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads the protobuf wire format from a range of bytes. Every read checks the end. */
export class ProtobufReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** Number and wire type of the next field. */
  tag(): { readonly number: number; readonly wire: WireType } {
    const tag = Number(this.varint());
    const wire = tag % 8;
    const number = Math.floor(tag / 8);
    if (number < 1 || number > 0x1fff_ffff) throw new ProtobufError(`${number} is no field number`);
    if (wire !== 0 && wire !== 1 && wire !== 2 && wire !== 5) throw new ProtobufError(`${wire} is no wire type`);
    return { number, wire };
  }

  /** An unsigned integer of up to 64 bits. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (this.#at >= this.#end) throw new ProtobufError('the message ends inside a number');
      const byte = this.#bytes[this.#at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError('a number has more than 64 bits');
  }

  /** int32 and int64: two's complement. Beyond 2^53 the value is not exact, so it is refused. */
  integer(): number {
    const value = BigInt.asIntN(64, this.varint());
    const number = Number(value);
    if (!Number.isSafeInteger(number))
      throw new ProtobufError(`${value} is outside the range of whole numbers kept here`);
    return number;
  }

  bytes(): Uint8Array {
    const length = Number(this.varint());
    const start = this.#at;
    if (length > this.#end - start) throw new ProtobufError('the message ends inside a field');
    this.#at = start + length;
    return this.#bytes.subarray(start, this.#at);
  }

  text(): string {
    try {
      return utf8.decode(this.bytes());
    } catch (error) {
      if (error instanceof ProtobufError) throw error;
      throw new ProtobufError('a text is not UTF-8');
    }
  }

  skip(wire: WireType): void {
    if (wire === 0) this.varint();
    else if (wire === 2) this.bytes();
    else this.#advance(wire === 1 ? 8 : 4);
  }

  #advance(count: number): void {
    if (count > this.#end - this.#at) throw new ProtobufError('the message ends inside a field');
    this.#at += count;
  }
}
