import { decodeBase, encodeBase, type LogBase } from '@berth/raft';
import { CodecError } from '../codec/byte-reader.ts';
import { sealed, unsealed } from '../codec/checksum.ts';
import { type Revision, revision } from '../revision.ts';
import type { HistoryEra } from './history-eras.ts';
import { recordKeys } from './state-records.ts';

/** What a state database, or a snapshot of it, stands for. Written in the same atomic batch as the changes it describes. */
export interface StateMeta {
  readonly clusterId: string;
  /** Last entry applied, and the membership in force there. */
  readonly base: LogBase;
  readonly revision: Revision;
  readonly compactRevision: Revision;
  /** The records of present values hold everything up to here; what changed since then lies in the history only. */
  readonly settledRevision: Revision;
  /** Wall time of the present revision. */
  readonly wallMs: number;
  /** When the cluster was made. */
  readonly createdMs: number;
  /** Of all present keys; proves on loading that none is missing or altered. */
  readonly stateHash: string;
  readonly keys: number;
  /** Bytes of the kept history. */
  readonly historyBytes: number;
  /** See `HistoryEras`; what they say together is `historyBytes`, or else they do not count. */
  readonly eras: readonly HistoryEra[];
  /** First revision of which this database still has the history, when some of it was lost; 0 otherwise. */
  readonly historyFrom: number;
}

export interface MetaText extends Omit<StateMeta, 'base' | 'settledRevision' | 'eras'> {
  readonly settledRevision?: Revision;
  readonly eras?: readonly HistoryEra[];
  /** Base64. */
  readonly base: string;
}

export function encodeMeta(meta: StateMeta): Uint8Array {
  return sealed(recordKeys.meta, Buffer.from(JSON.stringify(metaText(meta))));
}

export function decodeMeta(record: Uint8Array): StateMeta {
  return metaOf(JSON.parse(Buffer.from(unsealed(recordKeys.meta, record)).toString()));
}

/** As plain JSON, for the head of a snapshot. */
export function metaText(meta: StateMeta): MetaText {
  return { ...meta, base: baseText(meta.base) };
}

export function metaOf(text: MetaText): StateMeta {
  return {
    ...text,
    base: baseOf(text.base),
    revision: revision(text.revision),
    compactRevision: revision(text.compactRevision),
    // Folders and snapshots of before there was a difference do not say.
    settledRevision: revision(text.settledRevision ?? text.revision),
    eras: text.eras ?? [],
  };
}

export function baseText(base: LogBase): string {
  return Buffer.from(encodeBase(base)).toString('base64');
}

export function baseOf(text: string): LogBase {
  const base = decodeBase(Buffer.from(text, 'base64'));
  if (base === undefined) throw new CodecError('the record of index, term and membership cannot be read');
  return base;
}
