/** Values up to this size share memory. */
const sharedMax = 512;
const slabBytes = 2048;

/**
 * Copies of values. An `ArrayBuffer` of its own costs a small value as much memory again and the garbage collector much time, so neighbours in
 * time share one; a few at most, for all of it is held while one of them is.
 */
export class ValueSlab {
  #slab = new Uint8Array(0);
  #used = 0;

  copy(bytes: Uint8Array): Uint8Array {
    const { length } = bytes;
    if (length > sharedMax) return new Uint8Array(bytes);
    if (this.#used + length > this.#slab.length) {
      this.#slab = new Uint8Array(slabBytes);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += length;
    this.#slab.set(bytes, start);
    return this.#slab.subarray(start, this.#used);
  }
}
