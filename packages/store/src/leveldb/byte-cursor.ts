/** A file of LevelDB is not what it should be. */
export class LevelFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LevelFault';
  }
}

/** Reads LevelDB's building stones: little-endian numbers, variable-length numbers, byte strings. */
export class ByteCursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    return this.take(1)[0] as number;
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined || factor > 2 ** 49) throw new LevelFault('a length in it is damaged');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  /** Length and bytes. */
  block(): Uint8Array {
    return this.take(this.varint());
  }

  take(length: number): Uint8Array {
    if (length > this.left) throw new LevelFault('it is cut off');
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }
}

export function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
