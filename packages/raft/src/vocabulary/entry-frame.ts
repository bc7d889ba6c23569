import type { Entry, Origin } from './entry.ts';
import { type LogIndex, logIndex } from './log-index.ts';
import { type Term, term } from './term.ts';

/**
 * Layout of a frame, all numbers big-endian:
 *
 * | offset | bytes | meaning |
 * | --- | --- | --- |
 * | 0 | 4 | payload length |
 * | 4 | 1 | layout version, 1 |
 * | 5 | 1 | entry kind |
 * | 6 | 2 | zero |
 * | 8 | 8 | term |
 * | 16 | 8 | index |
 * | 24 | 8 | session |
 * | 32 | 8 | sequence |
 * | 40 | 8 | ackedBelow |
 * | 48 | n | payload |
 * | 48 + n | 4 | checksum of everything before it |
 */
export const entryFrameHeaderBytes = 48;
export const entryFrameOverheadBytes = 52;
const layoutVersion = 1;
const twoPow32 = 0x1_0000_0000;

/** A 32-bit checksum (unsigned) of bytes. Handed in, because the native one is a matter of the platform. All members use the same. */
export type Checksum = (bytes: Uint8Array) => number;

/** Frames a payload. Done once per entry, by the leader that appends it. */
export function frameEntry(
  place: { readonly index: LogIndex; readonly term: Term; readonly kind: number },
  origin: Origin,
  payload: Uint8Array,
  checksum: Checksum,
): Entry {
  const frame = new Uint8Array(entryFrameOverheadBytes + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, payload.length);
  frame[4] = layoutVersion;
  frame[5] = place.kind;
  writeWhole(view, 8, place.term);
  writeWhole(view, 16, place.index);
  writeWhole(view, 24, origin.session);
  writeWhole(view, 32, origin.sequence);
  writeWhole(view, 40, origin.ackedBelow);
  frame.set(payload, entryFrameHeaderBytes);
  const end = entryFrameHeaderBytes + payload.length;
  view.setUint32(end, checksum(frame.subarray(0, end)));
  return { index: place.index, term: place.term, kind: place.kind, frame };
}

/** An entry read from the disk or the wire, or why the bytes are none. */
export type ParsedFrame = { readonly ok: true; readonly entry: Entry } | { readonly ok: false; readonly fault: string };

/** Reads the frame that begins at `offset`; the entry's frame is a view of `bytes`. Verifies length, layout and checksum. */
export function parseEntryFrame(bytes: Uint8Array, offset: number, checksum: Checksum): ParsedFrame {
  if (bytes.length - offset < entryFrameOverheadBytes) {
    return fault(`an entry frame has at least ${entryFrameOverheadBytes} bytes, got ${bytes.length - offset}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, bytes.length - offset);
  const end = entryFrameHeaderBytes + view.getUint32(0);
  if (end + 4 > view.byteLength) return fault(`entry frame cut off: wants ${end + 4} bytes, got ${view.byteLength}`);
  if (view.getUint8(4) !== layoutVersion) return fault(`unknown entry frame layout ${view.getUint8(4)}`);
  const frame = bytes.subarray(offset, offset + end + 4);
  const wanted = view.getUint32(end);
  const found = checksum(frame.subarray(0, end));
  if (found !== wanted) return fault(`entry checksum is ${found}, its frame says ${wanted}`);
  const termValue = readWhole(view, 8);
  const indexValue = readWhole(view, 16);
  if (termValue < 1 || indexValue < 1)
    return fault(`entry at index ${indexValue} of term ${termValue}: both start at 1`);
  if (!Number.isSafeInteger(termValue) || !Number.isSafeInteger(indexValue)) return fault('entry place beyond 2^53');
  return { ok: true, entry: { index: logIndex(indexValue), term: term(termValue), kind: view.getUint8(5), frame } };
}

/** The payload as a view of the frame. */
export function entryPayload(entry: Entry): Uint8Array {
  return entry.frame.subarray(entryFrameHeaderBytes, entry.frame.length - 4);
}

export function entryOrigin(entry: Entry): Origin {
  const view = new DataView(entry.frame.buffer, entry.frame.byteOffset, entryFrameHeaderBytes);
  return { session: readWhole(view, 24), sequence: readWhole(view, 32), ackedBelow: readWhole(view, 40) };
}

function writeWhole(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, Math.floor(value / twoPow32));
  view.setUint32(offset + 4, value % twoPow32);
}

function readWhole(view: DataView, offset: number): number {
  return view.getUint32(offset) * twoPow32 + view.getUint32(offset + 4);
}

function fault(text: string): ParsedFrame {
  return { ok: false, fault: text };
}
