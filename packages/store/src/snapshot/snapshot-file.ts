import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CodecError } from '../codec/byte-reader.ts';
import { unsealed } from '../codec/checksum.ts';
import { syncFolder } from '../codec/sync-folder.ts';
import { memberAddress } from '../member-record.ts';
import { PrintedKeyValue } from '../mvcc/printed-key-value.ts';
import { StateHash } from '../mvcc/state-hash.ts';
import type { Revision } from '../revision.ts';
import { PresentValues } from '../state/present-values.ts';
import type { StateMeta } from '../state/state-meta.ts';
import { decodeTransaction, decodeValue, recordKeys } from '../state/state-records.ts';
import type { KeyValue, MemberAddress } from '../store.ts';
import { SnapshotError } from './snapshot-format.ts';
import { readSnapshot, readSnapshotHead, type SnapshotSummary, snapshotFile } from './snapshot-reading.ts';

/** What a snapshot says of itself. */
export interface SnapshotDescription {
  readonly clusterId: string;
  readonly revision: Revision;
  readonly compactRevision: Revision;
  /** Wall time of its revision. */
  readonly wallMs: number;
  readonly keys: number;
  /** Last log entry it contains. */
  readonly index: number;
  readonly term: number;
  /** The members when it was taken. */
  readonly members: readonly MemberAddress[];
  readonly records: number;
  readonly bytes: number;
}

/** What a snapshot says of itself; only its head is read, nothing is proven. */
export type SnapshotHeadline = Omit<SnapshotDescription, 'records'>;

/** Writes a snapshot to a file that is complete or not there at all: beside it first, then synced, then renamed. */
export async function saveSnapshot(pieces: AsyncIterable<Uint8Array>, path: string): Promise<SnapshotDescription> {
  const partial = `${path}.partial`;
  const file = await open(partial, 'w', 0o600);
  try {
    for await (const piece of pieces) await file.writeFile(piece);
    await file.sync();
    await file.close();
    const description = await verifySnapshot(partial);
    await rename(partial, path);
    await syncFolder(dirname(path));
    return description;
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(partial, { force: true });
    throw error;
  }
}

/** Reads a snapshot file to its end and proves that it is whole: checksums of all records, state hash, history without a hole. */
export async function verifySnapshot(path: string): Promise<SnapshotDescription> {
  let prover: SnapshotProver | undefined;
  const summary = await readSnapshot(snapshotFile(path), {
    head: ({ form, meta }) => {
      if (form !== 'records') throw new SnapshotError('this is a snapshot on its way between servers, none of a file');
      prover = new SnapshotProver(meta);
    },
    record: (key, value) => prover?.record(key, value),
  });
  prover?.prove();
  return describe(summary);
}

/** Looks at the head of a snapshot file, at once whatever its size. `verifySnapshot` proves that the rest keeps what it says. */
export async function inspectSnapshot(path: string): Promise<SnapshotHeadline> {
  const stream = createReadStream(path);
  try {
    const { meta } = await readSnapshotHead(stream);
    return headline(meta, (await stat(path)).size);
  } finally {
    stream.destroy();
  }
}

function describe({ meta, records, bytes }: SnapshotSummary): SnapshotDescription {
  return { ...headline(meta, bytes), records };
}

function headline(meta: StateMeta, bytes: number): SnapshotHeadline {
  const { clusterId, revision, compactRevision, wallMs, keys, base } = meta;
  const members = base.configuration.members.map(memberAddress);
  const { index, term } = base;
  return { clusterId, revision, compactRevision, wallMs, keys, index, term, members, bytes };
}

class SnapshotProver {
  readonly #meta: StateMeta;
  readonly #present: PresentValues;
  #lastHistory: number | undefined;

  constructor(meta: StateMeta) {
    this.#meta = meta;
    this.#present = new PresentValues(meta.settledRevision);
  }

  record(key: string, value: Uint8Array): void {
    try {
      if (key.startsWith('c')) this.#present.add(decodeValue(key, new Uint8Array(value)));
      else if (key.startsWith('p')) this.#present.find(decodeValue(key, new Uint8Array(value)));
      else if (key.startsWith('e') && this.#present.needs(recordKeys.revisionOf(key)))
        this.#present.change(decodeTransaction(key, value));
      else unsealed(key, value);
    } catch (error) {
      if (error instanceof CodecError)
        throw new SnapshotError(`record ${key} is damaged: ${error.message}`, { cause: error });
      throw error;
    }
    if (key.startsWith('e')) this.#history(recordKeys.revisionOf(key));
  }

  prove(): void {
    const { revision, keys, stateHash } = this.#meta;
    if (this.#lastHistory !== undefined && this.#lastHistory !== revision)
      throw new SnapshotError(`the history ends at ${this.#lastHistory}, the state is of ${revision}`);
    const kvs = this.#presentAt(revision);
    const hash = new StateHash();
    for (const kv of kvs.values()) hash.add(PrintedKeyValue.of(kv));
    if (kvs.size !== keys) throw new SnapshotError(`there are ${kvs.size} keys, the head says ${keys}`);
    if (hash.digest !== stateHash) throw new SnapshotError('the state hash is not the one in the head');
  }

  #presentAt(revision: number): ReadonlyMap<string, KeyValue> {
    try {
      return this.#present.at(revision);
    } catch (error) {
      if (error instanceof CodecError) throw new SnapshotError(error.message, { cause: error });
      throw error;
    }
  }

  #history(at: number): void {
    if (this.#lastHistory !== undefined && at !== this.#lastHistory + 1)
      throw new SnapshotError(`revision ${this.#lastHistory + 1} is missing from the history`);
    this.#lastHistory = at;
  }
}
