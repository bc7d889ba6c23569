const twoPow32 = 0x1_0000_0000;
const encoder = new TextEncoder();

/** Appends big-endian fields to a buffer that grows as needed. Made for one message, then thrown away. */
export class WireWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  constructor(capacityBytes: number) {
    this.#bytes = new Uint8Array(capacityBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  flag(value: boolean): void {
    this.byte(value ? 1 : 0);
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value);
    this.#length += 4;
  }

  /** A whole number below 2^53 in 8 bytes. */
  whole(value: number): void {
    this.#reserve(8);
    this.#view.setUint32(this.#length, Math.floor(value / twoPow32));
    this.#view.setUint32(this.#length + 4, value % twoPow32);
    this.#length += 8;
  }

  wholes(values: readonly number[]): void {
    this.uint32(values.length);
    for (const value of values) this.whole(value);
  }

  /** With its length in 4 bytes before it. */
  blob(value: Uint8Array): void {
    this.uint32(value.length);
    this.raw(value);
  }

  text(value: string): void {
    this.blob(encoder.encode(value));
  }

  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** What was written; a view when the capacity was larger. */
  finish(): Uint8Array {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): void {
    const wanted = this.#length + count;
    if (wanted <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(wanted, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
