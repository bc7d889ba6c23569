import type { LogChunk } from './engine.ts';

const headerBytes = 8;

/**
 * Splits Docker's multiplexed output into the two streams: each frame has a header of 8 bytes (stream number, three zeros, length
 * as 32 bits big-endian). With a terminal there is one stream and no frames.
 */
export async function* demultiplex(source: AsyncIterable<Uint8Array>, tty: boolean): AsyncGenerator<LogChunk> {
  if (tty) {
    for await (const bytes of source) yield { stream: 'stdout', bytes };
    return;
  }
  let pending: Buffer = Buffer.alloc(0);
  for await (const bytes of source) {
    pending = pending.length === 0 ? Buffer.from(bytes) : Buffer.concat([pending, bytes]);
    let offset = 0;
    while (pending.length - offset >= headerBytes) {
      const length = pending.readUInt32BE(offset + 4);
      if (pending.length - offset - headerBytes < length) break;
      const start = offset + headerBytes;
      yield {
        stream: pending[offset] === 2 ? 'stderr' : 'stdout',
        bytes: pending.subarray(start, start + length),
      };
      offset = start + length;
    }
    pending = pending.subarray(offset);
  }
}
