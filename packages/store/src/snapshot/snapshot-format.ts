import type { StateMeta } from '../state/state-meta.ts';
import { type MetaText, metaOf, metaText } from '../state/state-meta.ts';

/**
 * A snapshot is a stream of bytes: magic, length and text of the head (JSON), then the records of the state database (length of key,
 * length of value, key, value), then the end mark, the number of records and the SHA-256 of everything before it. The same form
 * travels between members and lies in files.
 */
export const magic: Uint8Array = new TextEncoder().encode('berth snapshot 1\n');
/** In place of a key length. */
export const endMark = 0xffffffff;
export const digestBytes = 32;
export const headBytesMax: number = 1024 * 1024;

export interface SnapshotHead {
  readonly meta: StateMeta;
}

export function encodeHead(head: SnapshotHead): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ meta: metaText(head.meta) }));
}

export function decodeHead(text: Uint8Array): SnapshotHead {
  const { meta } = JSON.parse(new TextDecoder().decode(text)) as { meta: MetaText };
  return { meta: metaOf(meta) };
}

/** The stream is not what it claims to be. */
export class SnapshotError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SnapshotError';
  }
}
