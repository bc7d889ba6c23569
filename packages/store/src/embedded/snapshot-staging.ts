import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isStateFolder, stateFolderOf, stateNumber } from '../consensus/data-directory.ts';
import type { FromCore, ToCore } from '../link/core-messages.ts';
import { ArrivingFile } from '../snapshot/arriving-file.ts';
import { SnapshotError } from '../snapshot/snapshot-format.ts';
import { type ImportedState, importSnapshot } from '../snapshot/snapshot-import.ts';
import type { Replica } from './replica.ts';

type Arriving = Extract<FromCore, { kind: 'snapshot-arriving' }>;
type Complete = Extract<FromCore, { kind: 'stage-snapshot' }>;

/** A snapshot that is made a state while it is received. */
interface Staging {
  readonly snapshotId: number;
  readonly stateFolder: string;
  readonly file: ArrivingFile;
  readonly imported: Promise<ImportedState>;
}

/** Makes a state of a snapshot that is being received, in a folder of its own; the core decides when to switch to it. */
export class SnapshotStaging {
  readonly #path: string;
  readonly #damaged: (damage: string) => void;
  #highest = 0;
  #staging: Staging | undefined;
  /** One message after the other. */
  #working: Promise<unknown> = Promise.resolve();
  #leaving: Promise<void> = Promise.resolve();

  /** `damaged` is told of damage that could be read around. */
  constructor(path: string, damaged: (damage: string) => void) {
    this.#path = path;
    this.#damaged = damaged;
  }

  /** More of it has come. */
  async arrived({ snapshotId, file, bytes }: Arriving): Promise<void> {
    await this.#inTurn(async () => (await this.#stagingOf(snapshotId, file, bytes)).file.grown(bytes));
  }

  /** Not wanted any more, if this is the one. */
  async discarded(snapshotId: number): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#staging?.snapshotId === snapshotId) this.#abandon();
    });
  }

  /** All of it has come. */
  async stage({ snapshot, file }: Complete, replica: Replica): Promise<ToCore> {
    const { snapshotId, base } = snapshot;
    try {
      const { stateFolder, imported: importing } = await this.#inTurn(() => this.#complete(snapshotId, file));
      const imported = await importing;
      if (imported.meta.base.index !== base.index || imported.meta.base.term !== base.term) {
        await imported.database.close();
        throw new SnapshotError(
          `the snapshot stands at entry ${imported.meta.base.index}, entry ${base.index} was announced`,
        );
      }
      if (imported.salvaged !== undefined)
        this.#damaged(`${imported.salvaged}; it came so from the leader, whose history is lost on this server, too`);
      replica.stage(stateFolder, imported);
      return { kind: 'snapshot-staged', snapshotId, stateFolder };
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      return { kind: 'snapshot-damaged', snapshotId };
    }
  }

  /** Lets go of what is being received: the next start goes on with it. */
  async close(): Promise<void> {
    await this.#inTurn(async () => this.#abandon());
    await this.#leaving;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#working.then(work);
    this.#working = done.catch(() => undefined);
    return done;
  }

  async #complete(snapshotId: number, file: string): Promise<Staging> {
    const { size } = await stat(file);
    const staging = await this.#stagingOf(snapshotId, file, size);
    staging.file.complete(size);
    // From now on it belongs to who waits for it.
    this.#staging = undefined;
    return staging;
  }

  /** The one under way, or a new one when there is none, it is another one, or it has begun again from the start. */
  async #stagingOf(snapshotId: number, path: string, bytes: number): Promise<Staging> {
    const present = this.#staging;
    if (present?.snapshotId === snapshotId && present.file.bytes <= bytes) return present;
    this.#abandon();
    const stateFolder = await this.#freshFolder();
    const file = new ArrivingFile(path);
    const imported = importSnapshot(file.pieces(), join(this.#path, stateFolder));
    // Whoever stages it is told; until then nobody is.
    imported.catch(() => undefined);
    this.#staging = { snapshotId, stateFolder, file, imported };
    return this.#staging;
  }

  #abandon(): void {
    const staging = this.#staging;
    if (staging === undefined) return;
    this.#staging = undefined;
    staging.file.abandon();
    this.#leaving = Promise.all([this.#leaving, this.#remove(staging)]).then(() => undefined);
  }

  /** A failed import leaves nothing behind. One that came to its end all the same is of no use. */
  async #remove({ imported, stateFolder }: Staging): Promise<void> {
    const state = await imported.catch(() => undefined);
    if (state === undefined) return;
    await state.database.close();
    await rm(join(this.#path, stateFolder), { recursive: true, force: true });
  }

  /** Numbers are never used twice by one process: an older folder may still be on its way out. */
  async #freshFolder(): Promise<string> {
    for (const name of await readdir(this.#path))
      if (isStateFolder(name)) this.#highest = Math.max(this.#highest, stateNumber(name));
    this.#highest += 1;
    return stateFolderOf(this.#highest);
  }
}
