import { crc32c, unmaskedCrc } from './crc32c.ts';

/**
 * - `whole`: every record verifies.
 * - `torn`: the last record was cut off while it was being written; a write that was answered is never torn.
 * - `damaged`: a record that was completely written does not verify.
 */
export type JournalVerdict =
  | { readonly kind: 'whole' }
  | { readonly kind: 'torn'; readonly reason: string }
  | { readonly kind: 'damaged'; readonly reason: string };

const blockBytes = 32 * 1024;
const headerBytes = 7;

/** Layout of LevelDB's log format: blocks of 32 KiB; records of checksum (4), length (2), type (1) and data that never cross a block. */
export function checkJournal(bytes: Uint8Array, name: string): JournalVerdict {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; ) {
    const blockLeft = blockBytes - (at % blockBytes);
    if (blockLeft < headerBytes) {
      at += blockLeft;
      continue;
    }
    const fileLeft = bytes.length - at;
    if (fileLeft < headerBytes) return { kind: 'torn', reason: `${name}: the last ${fileLeft} bytes are no record` };
    const stored = view.getUint32(at, true);
    const length = view.getUint16(at + 4, true);
    const type = view.getUint8(at + 6);
    if (type === 0 && length === 0 && stored === 0) return zeros(bytes, at, name);
    if (headerBytes + length > blockLeft) return damaged(name, at, 'its length crosses a block');
    if (headerBytes + length > fileLeft) return cutOff(bytes.subarray(at), stored, name, at);
    if (unmaskedCrc(stored) !== crc32c(bytes.subarray(at + 6, at + headerBytes + length)))
      return damaged(name, at, 'its checksum is wrong');
    at += headerBytes + length;
  }
  return { kind: 'whole' };
}

const fullRecord = 1;
const lastFragment = 4;
const firstFragment = 2;

/** The records that verify, put together from their fragments; what does not verify is left out up to the next block. */
export function* journalRecords(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let fragments: Uint8Array[] = [];
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const blockEnd = at - (at % blockBytes) + blockBytes;
    const end = at + headerBytes + view.getUint16(at + 4, true);
    const fits = at + headerBytes <= blockEnd && end <= Math.min(blockEnd, bytes.length);
    if (!fits || unmaskedCrc(view.getUint32(at, true)) !== crc32c(bytes.subarray(at + 6, end))) {
      fragments = [];
      at = blockEnd;
      continue;
    }
    const type = view.getUint8(at + 6);
    if (type === fullRecord || type === firstFragment) fragments = [];
    fragments.push(bytes.subarray(at + headerBytes, end));
    if (type === fullRecord || type === lastFragment) yield Buffer.concat(fragments);
    at = end;
  }
}

/** A length that was altered can make a complete record look cut off: then what is there verifies. */
function cutOff(rest: Uint8Array, stored: number, name: string, at: number): JournalVerdict {
  if (unmaskedCrc(stored) === crc32c(rest.subarray(6))) return damaged(name, at, 'its length was altered');
  return { kind: 'torn', reason: `${name}: the record at ${at} was cut off while it was written` };
}

/** A crash of the machine may leave a file longer than what was written into it. */
function zeros(bytes: Uint8Array, at: number, name: string): JournalVerdict {
  for (let i = at; i < bytes.length; i++) if (bytes[i] !== 0) return damaged(name, at, 'there are zeros before it');
  return { kind: 'torn', reason: `${name}: ends in zeros from ${at} on` };
}

function damaged(name: string, at: number, why: string): JournalVerdict {
  return { kind: 'damaged', reason: `${name}: the record at ${at} is damaged: ${why}` };
}
