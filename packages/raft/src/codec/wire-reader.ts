const twoPow32 = 0x1_0000_0000;
const decoder = new TextDecoder('utf-8', { fatal: true });

/** The bytes are not what they should be. Caught where a whole message or record is decoded; never leaves the package. */
export class WireFault extends Error {}

/** Reads what `WireWriter` wrote; throws a WireFault on anything cut short or out of range. */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get position(): number {
    return this.#at;
  }

  byte(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  flag(): boolean {
    const value = this.byte();
    if (value > 1) throw new WireFault(`a flag is 0 or 1, got ${value}`);
    return value === 1;
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  whole(): number {
    const at = this.#advance(8);
    const value = this.#view.getUint32(at) * twoPow32 + this.#view.getUint32(at + 4);
    if (!Number.isSafeInteger(value)) throw new WireFault('a number is beyond 2^53');
    return value;
  }

  wholes(): number[] {
    const count = this.count(8);
    const values: number[] = [];
    for (let i = 0; i < count; i++) values.push(this.whole());
    return values;
  }

  /** A view, not a copy. */
  blob(): Uint8Array {
    const length = this.uint32();
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  text(): string {
    const bytes = this.blob();
    try {
      return decoder.decode(bytes);
    } catch {
      throw new WireFault('a text is not UTF-8');
    }
  }

  /** A number of elements that follow, each of at least `leastBytes`: checked before anything is allocated for them. */
  count(leastBytes: number): number {
    const count = this.uint32();
    if (count * leastBytes > this.#bytes.length - this.#at)
      throw new WireFault(`${count} elements do not fit the rest`);
    return count;
  }

  skip(count: number): void {
    this.#advance(count);
  }

  end(): void {
    const rest = this.#bytes.length - this.#at;
    if (rest !== 0) throw new WireFault(`${rest} bytes too many`);
  }

  #advance(count: number): number {
    const at = this.#at;
    if (at + count > this.#bytes.length) {
      throw new WireFault(`cut off: wants ${count} bytes at ${at}, has ${this.#bytes.length - at}`);
    }
    this.#at = at + count;
    return at;
  }
}
