import { CodecError } from '../codec/byte-reader.ts';
import { loadMachine } from '../state/load-machine.ts';
import { StateDatabase } from '../state/state-database.ts';
import { recordKeys } from '../state/state-records.ts';
import { SnapshotError } from './snapshot-format.ts';
import type { ImportedState, SnapshotImport } from './snapshot-import.ts';

type Batch = ReturnType<StateDatabase['level']['batch']>;

const batchBytesMax = 1024 * 1024;

/** Writes records into a new database. The meta record goes last, in a synced write: a folder without it is no state. */
export class RecordImport implements SnapshotImport {
  readonly #database: StateDatabase;
  #batch: Batch;
  #bytes = 0;
  /** One batch is written while the next is filled. */
  #writing: Promise<void> = Promise.resolve();
  #meta: Uint8Array | undefined;

  private constructor(database: StateDatabase) {
    this.#database = database;
    this.#batch = database.level.batch();
  }

  static async begin(folder: string): Promise<RecordImport> {
    return new RecordImport(await StateDatabase.open(folder));
  }

  record(key: string, value: Uint8Array): void | Promise<void> {
    if (key === recordKeys.meta) {
      this.#meta = new Uint8Array(value);
      return undefined;
    }
    this.#batch.put(key, value);
    this.#bytes += key.length + value.length;
    return this.#bytes < batchBytesMax ? undefined : this.#flush();
  }

  async finish(): Promise<ImportedState> {
    await this.#writing;
    if (this.#meta === undefined) throw new SnapshotError('the snapshot holds no meta record');
    this.#batch.put(recordKeys.meta, this.#meta);
    await this.#batch.write({ sync: true });
    const loaded = await loadMachine(this.#database).catch(asSnapshotError);
    if (loaded === undefined) throw new SnapshotError('the snapshot holds no state');
    return { database: this.#database, ...loaded, salvaged: undefined };
  }

  async abandon(): Promise<void> {
    await this.#database.close();
  }

  async #flush(): Promise<void> {
    const full = this.#batch;
    this.#batch = this.#database.level.batch();
    this.#bytes = 0;
    await this.#writing;
    this.#writing = full.write();
    // Whoever waits for it next is told; until then nobody is.
    this.#writing.catch(() => undefined);
  }
}

/** Every record is as it was sent, and yet they are no state: it was damaged where it came from. */
function asSnapshotError(error: unknown): never {
  if (error instanceof CodecError) throw new SnapshotError(error.message, { cause: error });
  throw error;
}
