import { ByteWriter } from '../codec/byte-writer.ts';
import { type MetaText, metaOf, metaText, type StateMeta } from '../state/state-meta.ts';

/**
 * A snapshot is a stream of bytes: magic, length and text of the head (JSON), then records (length of key, length of value, key, value), then the
 * end mark, the number of records and the SHA-256 of everything before it.
 *
 * What the records are is told by the magic, which has the same length for all forms. `records`: those of the state database; this form lies in
 * files. `files`: the pieces of the database's own files, in order, each under its file's name; it travels between members, which so need
 * neither take a database apart nor put it together (decision 0023).
 */
export type SnapshotForm = 'records' | 'files';

const encoder = new TextEncoder();
const magics: Readonly<Record<SnapshotForm, Uint8Array>> = {
  records: encoder.encode('berth snapshot 1\n'),
  files: encoder.encode('berth database 1\n'),
};
export const magicBytes: number = magics.records.length;
/** In place of a key length. */
export const endMark = 0xffffffff;
export const digestBytes = 32;
export const headBytesMax: number = 1024 * 1024;

export interface SnapshotHead {
  readonly form: SnapshotForm;
  readonly meta: StateMeta;
}

/** Magic, length and text. */
export function encodeHead({ form, meta }: SnapshotHead): Uint8Array {
  const text = encoder.encode(JSON.stringify({ meta: metaText(meta) }));
  return new ByteWriter(magicBytes + 4 + text.length).raw(magics[form]).block(text).finish();
}

/** Undefined when no snapshot begins so. */
export function formOf(magic: Uint8Array): SnapshotForm | undefined {
  const bytes = Buffer.from(magic.buffer, magic.byteOffset, magic.length);
  if (bytes.equals(magics.records)) return 'records';
  return bytes.equals(magics.files) ? 'files' : undefined;
}

/** Of the text behind magic and length. */
export function decodeMetaText(text: Uint8Array): StateMeta {
  const { meta } = JSON.parse(new TextDecoder().decode(text)) as { meta: MetaText };
  return metaOf(meta);
}

/** The stream is not what it claims to be. */
export class SnapshotError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SnapshotError';
  }
}
