import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../codec/sync-folder.ts';
import { checkTable } from '../leveldb/table-check.ts';
import { type OpenedMachine, openMachine, StateDamage } from '../state/load-machine.ts';
import { SnapshotError } from './snapshot-format.ts';
import type { ImportedState, SnapshotImport } from './snapshot-import.ts';

/** Nothing else belongs into the folder, and nothing outside of it is written. */
const fileName = /^(CURRENT|MANIFEST-\d+|\d+\.(log|ldb|sst))$/;
const tableName = /\.(ldb|sst)$/;

/**
 * Writes the files of a database as they come. The one that makes them a database comes last; then they are verified and opened like those of a
 * server that starts, for they are worth no more than the disk they come from.
 */
export class FileImport implements SnapshotImport {
  readonly #folder: string;
  #name = '';
  #file: FileHandle | undefined;
  /** One file is synced and verified while the next is written. */
  #settling: Promise<void> = Promise.resolve();
  readonly #sound = new Set<string>();
  #opened: OpenedMachine | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async begin(folder: string): Promise<FileImport> {
    await mkdir(folder);
    return new FileImport(folder);
  }

  async record(name: string, piece: Uint8Array): Promise<void> {
    if (name !== this.#name) await this.#next(name);
    await this.#file?.writeFile(piece);
  }

  async finish(): Promise<ImportedState> {
    await this.#endFile();
    await this.#settling;
    await syncFolder(this.#folder);
    try {
      this.#opened = await openMachine(this.#folder, this.#sound);
    } catch (error) {
      if (!(error instanceof StateDamage)) throw error;
      throw new SnapshotError(`the state in the snapshot is damaged: ${error.message}`, { cause: error });
    }
    const { database, loaded, salvaged } = this.#opened;
    if (loaded === undefined) throw new SnapshotError('the snapshot holds no state');
    return { database, ...loaded, salvaged };
  }

  async abandon(): Promise<void> {
    await this.#file?.close();
    await this.#settling.catch(() => undefined);
    await this.#opened?.database.close();
  }

  async #next(name: string): Promise<void> {
    if (!fileName.test(name)) throw new SnapshotError(`a state has no file ${JSON.stringify(name)}`);
    await this.#endFile();
    this.#name = name;
    this.#file = await open(join(this.#folder, name), 'ax', 0o600);
  }

  async #endFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await this.#settling;
    if (file === undefined) return;
    this.#settling = this.#settle(file, this.#name);
    // Whoever waits for it next is told; until then nobody is.
    this.#settling.catch(() => undefined);
  }

  async #settle(file: FileHandle, name: string): Promise<void> {
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    if (!tableName.test(name)) return;
    const bytes = await readFile(join(this.#folder, name));
    if (checkTable(bytes, name) === undefined) this.#sound.add(name);
  }
}
