import { rename, rm } from 'node:fs/promises';
import { CodecError, unlessDamaged } from '../codec/byte-reader.ts';
import { ByteWriter } from '../codec/byte-writer.ts';
import { salvage } from '../leveldb/salvage.ts';
import type { KeyValue } from '../store.ts';
import { StateDatabase } from './state-database.ts';
import { decodeMeta, encodeMeta, type StateMeta } from './state-meta.ts';
import { decodeValue, encodeValue, liesElsewhere, recordKeys, verifiedChanges } from './state-records.ts';

/**
 * Makes a sound state of a damaged folder, without its settled history, by reading around the damage. Whether the present is complete is for the
 * caller to prove by its hash. Throws a `CodecError` when not even the meta record is left.
 */
export async function salvageState(path: string): Promise<void> {
  const record = (await salvage(path, (key) => key === recordKeys.meta)).get(recordKeys.meta);
  if (record === undefined) throw new CodecError('the meta record is lost');
  const meta = decodeMeta(record);
  const unsettled = recordKeys.historyFrom(meta.settledRevision + 1);
  const records = await salvage(
    path,
    (key) => key.startsWith('c') || key.startsWith('s') || (key >= unsettled.gte && key < unsettled.lt),
  );
  await bringValues(path, records);
  const beside = `${path}-salvaged`;
  await rm(beside, { recursive: true, force: true });
  await write(beside, records, { ...meta, historyFrom: meta.revision + 1, historyBytes: 0, eras: [] });
  await rm(path, { recursive: true });
  await rename(beside, path);
}

/** The history that present values refer to does not stay. A value that cannot be found leaves a record that says so. */
async function bringValues(path: string, records: Map<string, Uint8Array>): Promise<void> {
  const references = new Map<string, KeyValue>();
  for (const [key, record] of records) {
    const kv = key.startsWith('c') ? unlessDamaged(() => decodeValue(key, record)) : undefined;
    if (kv !== undefined && liesElsewhere(kv)) references.set(kv.key, kv);
  }
  const wanted = new Set<string>();
  for (const { key, modRevision } of references.values())
    wanted.add(recordKeys.history(modRevision)).add(recordKeys.previous(key));
  const told = await salvage(path, (key) => wanted.has(key));
  const bring = (kv: KeyValue | undefined): void => {
    if (kv === undefined || references.get(kv.key)?.modRevision !== kv.modRevision) return;
    const key = recordKeys.present(kv.key);
    records.set(key, encodeValue(key, kv, new ByteWriter()));
  };
  for (const [key, record] of told) {
    if (key.startsWith('p')) bring(unlessDamaged(() => decodeValue(key, record)));
    else for (const { kv } of unlessDamaged(() => verifiedChanges(key, record)) ?? []) bring(kv);
  }
}

async function write(path: string, records: ReadonlyMap<string, Uint8Array>, meta: StateMeta): Promise<void> {
  const { level } = await StateDatabase.open(path);
  try {
    const batch = level.batch();
    for (const [key, value] of records) batch.put(key, value);
    batch.put(recordKeys.meta, encodeMeta(meta));
    await batch.write({ sync: true });
  } finally {
    await level.close();
  }
}
