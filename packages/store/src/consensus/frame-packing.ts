import { crc32 } from 'node:zlib';
import { type Entry, parseEntryFrame } from '@berth/raft';

/** The frames of a batch, one after the other, in a buffer that can be handed over to another thread. */
export function packFrames(entries: readonly Entry[]): Uint8Array<ArrayBuffer> {
  let bytes = 0;
  for (const { frame } of entries) bytes += frame.length;
  const packed = new Uint8Array(bytes);
  let at = 0;
  for (const { frame } of entries) {
    packed.set(frame, at);
    at += frame.length;
  }
  return packed;
}

/** The entries again; their frames are views. The checksum is verified once more: the last stop before the state. */
export function unpackFrames(packed: Uint8Array): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at < packed.length; ) {
    const parsed = parseEntryFrame(packed, at, crc32);
    if (!parsed.ok) throw new Error(`a committed entry does not verify: ${parsed.fault}`);
    entries.push(parsed.entry);
    at += parsed.entry.frame.length;
  }
  return entries;
}
