import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../codec/sync-folder.ts';
import { type LoadedMachine, loadMachine } from '../state/load-machine.ts';
import { StateDatabase } from '../state/state-database.ts';
import { recordKeys } from '../state/state-records.ts';
import { SnapshotError } from './snapshot-format.ts';
import { readSnapshot } from './snapshot-reading.ts';

const batchBytesMax = 1024 * 1024;

export interface ImportedState extends LoadedMachine {
  readonly database: StateDatabase;
}

/**
 * Makes a state database of a snapshot, in a folder of its own. The meta record goes last, in a synced write: a folder without it
 * is no state. The result was loaded once and so is known to be whole. On failure nothing is left.
 */
export async function importSnapshot(pieces: AsyncIterable<Uint8Array>, folder: string): Promise<ImportedState> {
  await rm(folder, { recursive: true, force: true });
  const database = await StateDatabase.open(folder);
  try {
    await fill(database, pieces);
    const loaded = await loadMachine(database);
    if (loaded === undefined) throw new SnapshotError('the snapshot holds no state');
    await syncFolder(dirname(folder));
    return { database, ...loaded };
  } catch (error) {
    await database.close();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function fill({ level }: StateDatabase, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  let batch = level.batch();
  let bytes = 0;
  /** One batch is written while the next is filled. */
  let writing = Promise.resolve();
  const flush = async (): Promise<void> => {
    const full = batch;
    batch = level.batch();
    bytes = 0;
    await writing;
    writing = full.write();
    // Whoever waits for it next is told; until then nobody is.
    writing.catch(() => undefined);
  };
  let meta: Uint8Array | undefined;
  await readSnapshot(pieces, {
    head: () => undefined,
    record: (key, value) => {
      if (key === recordKeys.meta) {
        meta = new Uint8Array(value);
        return undefined;
      }
      batch.put(key, value);
      bytes += key.length + value.length;
      return bytes < batchBytesMax ? undefined : flush();
    },
  });
  await writing;
  if (meta === undefined) throw new SnapshotError('the snapshot holds no meta record');
  batch.put(recordKeys.meta, meta);
  await batch.write({ sync: true });
}
