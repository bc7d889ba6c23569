/** One table per byte of two words: eight bytes are taken at a time, for files of a gigabyte are to be checked in seconds. */
const tables: Int32Array = makeTables();

/** CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), as LevelDB uses it; the platform offers only CRC-32. */
export function crc32c(bytes: Uint8Array): number {
  let crc = -1;
  let at = 0;
  // Words can be read where addresses are multiples of four (in the byte order of every platform Node runs on: little-endian).
  while (at < bytes.length && (bytes.byteOffset + at) % 4 !== 0) crc = next(crc, bytes[at++] as number);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (bytes.length - at) >>> 2);
  const pairs = words.length & ~1;
  for (let i = 0; i < pairs; i += 2) crc = nextPair((words[i] as number) ^ crc, words[i + 1] as number);
  at += pairs * 4;
  while (at < bytes.length) crc = next(crc, bytes[at++] as number);
  return ~crc >>> 0;
}

/** LevelDB stores checksums rotated and shifted, so that a checksum of bytes with checksums in them stays strong. */
export function unmaskedCrc(stored: number): number {
  const rotated = (stored - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

function next(crc: number, byte: number): number {
  return (crc >>> 8) ^ entry(0, crc ^ byte);
}

function nextPair(low: number, high: number): number {
  return (
    entry(7, low) ^
    entry(6, low >>> 8) ^
    entry(5, low >>> 16) ^
    entry(4, low >>> 24) ^
    entry(3, high) ^
    entry(2, high >>> 8) ^
    entry(1, high >>> 16) ^
    entry(0, high >>> 24)
  );
}

function entry(table: number, byte: number): number {
  return tables[table * 256 + (byte & 0xff)] as number;
}

function makeTables(): Int32Array {
  const made = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    made[byte] = crc;
  }
  for (let at = 256; at < made.length; at++) {
    const before = made[at - 256] as number;
    made[at] = (before >>> 8) ^ (made[before & 0xff] as number);
  }
  return made;
}
