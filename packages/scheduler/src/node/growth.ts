/** The capacity to reserve for `wanted` entries, at least doubled each time, so that growing costs little in all. */
export function grownCapacity(present: number, wanted: number): number {
  let capacity = Math.max(64, present);
  while (capacity < wanted) capacity *= 2;
  return capacity;
}

/** From here on `thriftyCapacity` adds a quarter at a time. */
const largeFrom = 16_384;

/** As `grownCapacity`, for tables so large that half of them empty would be felt. */
export function thriftyCapacity(present: number, wanted: number): number {
  if (wanted <= largeFrom) return grownCapacity(present, wanted);
  let capacity = Math.max(largeFrom, present);
  while (capacity < wanted) capacity += capacity >> 2;
  return capacity;
}

/** The same numbers in a longer array; new entries hold `filler`. */
export function grownInts(old: Int32Array, length: number, filler: number): Int32Array {
  if (old.length >= length) return old;
  const grown = new Int32Array(length);
  grown.set(old);
  if (filler !== 0) grown.fill(filler, old.length);
  return grown;
}

/** The same numbers in a longer array; new entries hold zero. */
export function grownFloats(old: Float64Array, length: number): Float64Array {
  if (old.length >= length) return old;
  const grown = new Float64Array(length);
  grown.set(old);
  return grown;
}

/** The same numbers in a longer array; new entries hold zero. */
export function grownBytes(old: Uint8Array, length: number): Uint8Array {
  if (old.length >= length) return old;
  const grown = new Uint8Array(length);
  grown.set(old);
  return grown;
}
