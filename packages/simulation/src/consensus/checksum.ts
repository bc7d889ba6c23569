import { crc32 } from 'node:zlib';

/** CRC-32 as the store uses it. */
export function checksum(bytes: Uint8Array): number {
  return crc32(bytes);
}
