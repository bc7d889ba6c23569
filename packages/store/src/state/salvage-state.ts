import { rename, rm } from 'node:fs/promises';
import { CodecError } from '../codec/byte-reader.ts';
import { salvage } from '../leveldb/salvage.ts';
import { StateDatabase } from './state-database.ts';
import { decodeMeta, encodeMeta, type StateMeta } from './state-meta.ts';
import { recordKeys } from './state-records.ts';

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
  const beside = `${path}-salvaged`;
  await rm(beside, { recursive: true, force: true });
  await write(beside, records, { ...meta, historyFrom: meta.revision + 1, historyBytes: 0 });
  await rm(path, { recursive: true });
  await rename(beside, path);
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
