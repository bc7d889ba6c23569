import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../codec/sync-folder.ts';
import type { LoadedMachine } from '../state/load-machine.ts';
import type { StateDatabase } from '../state/state-database.ts';
import { FileImport } from './file-import.ts';
import { RecordImport } from './record-import.ts';
import { SnapshotError } from './snapshot-format.ts';
import { readSnapshot } from './snapshot-reading.ts';

export interface ImportedState extends LoadedMachine {
  readonly database: StateDatabase;
  /** What was damaged where the snapshot was taken, and could be read around at the price of the history. */
  readonly salvaged: string | undefined;
}

/** Makes a state database of the records of one form of snapshot. */
export interface SnapshotImport {
  /** See `SnapshotVisitor`. */
  record(key: string, value: Uint8Array): void | Promise<void>;
  /** Called once the snapshot has proven to be whole. The state is durable and was loaded once when it resolves. */
  finish(): Promise<ImportedState>;
  /** Lets go of the folder, also after a failure of `finish`. */
  abandon(): Promise<void>;
}

/**
 * Makes a state database of a snapshot, in a folder of its own. The result was loaded once and so is known to be whole. On failure nothing is
 * left, and a crash leaves a folder that is no state.
 */
export async function importSnapshot(pieces: AsyncIterable<Uint8Array>, folder: string): Promise<ImportedState> {
  await rm(folder, { recursive: true, force: true });
  let into: SnapshotImport | undefined;
  try {
    await readSnapshot(pieces, {
      head: async ({ form }) => {
        into = form === 'files' ? await FileImport.begin(folder) : await RecordImport.begin(folder);
      },
      record: (key, value) => into?.record(key, value),
    });
    if (into === undefined) throw new SnapshotError('the snapshot has no head');
    const imported = await into.finish();
    await syncFolder(dirname(folder));
    return imported;
  } catch (error) {
    await into?.abandon();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
