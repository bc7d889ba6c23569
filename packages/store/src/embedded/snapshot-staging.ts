import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FromCore, ToCore } from '../link/core-messages.ts';
import { SnapshotError } from '../snapshot/snapshot-format.ts';
import { importSnapshot } from '../snapshot/snapshot-import.ts';
import { snapshotFile } from '../snapshot/snapshot-reading.ts';
import type { Replica } from './replica.ts';

/** Makes a state of a snapshot that was received, in a folder of its own; the core decides when to switch to it. */
export class SnapshotStaging {
  readonly #path: string;
  readonly #damaged: (damage: string) => void;
  #highest = 0;

  /** `damaged` is told of damage that could be read around. */
  constructor(path: string, damaged: (damage: string) => void) {
    this.#path = path;
    this.#damaged = damaged;
  }

  async stage(message: Extract<FromCore, { kind: 'stage-snapshot' }>, replica: Replica): Promise<ToCore> {
    const { snapshotId, base } = message.snapshot;
    const stateFolder = await this.#freshFolder();
    try {
      const imported = await importSnapshot(snapshotFile(message.file), join(this.#path, stateFolder));
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

  /** Numbers are never used twice by one process: an older folder may still be on its way out. */
  async #freshFolder(): Promise<string> {
    for (const name of await readdir(this.#path)) {
      const number = /^state-(\d+)$/.exec(name)?.[1];
      if (number !== undefined) this.#highest = Math.max(this.#highest, Number(number));
    }
    this.#highest += 1;
    return `state-${this.#highest}`;
  }
}
