import { crc32 } from 'node:zlib';
import { CodecError } from './byte-reader.ts';

/** Appends a CRC-32 of `context` and `body`: a record found under another key than it was written to does not verify. */
export function sealed(context: string | Uint8Array, body: Uint8Array): Uint8Array {
  const record = new Uint8Array(body.length + 4);
  record.set(body);
  new DataView(record.buffer).setUint32(body.length, crc32(body, crc32(context)));
  return record;
}

/** The body of a sealed record, as a view, for whoever proves it by other means. */
export function unverified(record: Uint8Array): Uint8Array {
  if (record.length < 4) throw new CodecError(`a sealed record has at least 4 bytes, got ${record.length}`);
  return record.subarray(0, record.length - 4);
}

/** The body of a sealed record, as a view; a `CodecError` when it does not verify. */
export function unsealed(context: string | Uint8Array, record: Uint8Array): Uint8Array {
  const body = unverified(record);
  const wanted = new DataView(record.buffer, record.byteOffset, record.length).getUint32(body.length);
  const found = crc32(body, crc32(context));
  if (found !== wanted) throw new CodecError(`checksum is ${found}, the record says ${wanted}`);
  return body;
}
