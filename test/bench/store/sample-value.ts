import { randomBytes } from 'node:crypto';

/** Large enough that no block of a database holds a part of it twice. */
const pool = randomBytes(4 * 2 ** 20);

/** Bytes that cannot be compressed: what an engine saves by compressing depends on the user, and so shall not count. */
export function sampleValue(bytes: number): Buffer {
  const at = Math.floor(Math.random() * (pool.length - bytes));
  return pool.subarray(at, at + bytes);
}
