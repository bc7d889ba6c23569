import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { World } from '@berth/world';
import { checkTable } from '../leveldb/table-check.ts';

/** What re-reading the files has shown so far. */
export interface ScrubReport {
  readonly filesChecked: number;
  /** Newest last; what is damaged here is noticed at the next start at the latest, and then made good from the other members. */
  readonly damage: readonly string[];
}

const damageKept = 16;

/**
 * Reads the table files again, one at a time with long pauses, so that a disk that forgets is noticed while the other members still
 * remember. Tables are never changed once they are written, so they may be read while the database is in use.
 */
export class Scrubber {
  readonly #folders: () => readonly string[];
  readonly #found: (damage: string) => void;
  readonly #timer: Disposable;
  readonly #damage: string[] = [];
  #queue: string[] = [];
  #filesChecked = 0;
  #working = false;

  /** `found` is told once of each damaged file. */
  constructor(world: World, pauseMs: number, folders: () => readonly string[], found: (damage: string) => void) {
    this.#folders = folders;
    this.#found = found;
    this.#timer = world.timers.every(pauseMs, () => void this.#next());
  }

  get report(): ScrubReport {
    return { filesChecked: this.#filesChecked, damage: [...this.#damage] };
  }

  close(): void {
    this.#timer[Symbol.dispose]();
  }

  async #next(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      if (this.#queue.length === 0) this.#queue = await tablesIn(this.#folders());
      const file = this.#queue.shift();
      if (file !== undefined) await this.#check(file);
    } finally {
      this.#working = false;
    }
  }

  /** A table that is gone meanwhile was compacted away. */
  async #check(file: string): Promise<void> {
    const bytes = await readFile(file).catch(() => undefined);
    if (bytes === undefined) return;
    this.#filesChecked += 1;
    const damage = checkTable(bytes, file);
    if (damage === undefined || this.#damage.includes(damage)) return;
    this.#damage.push(damage);
    this.#found(damage);
    if (this.#damage.length > damageKept) this.#damage.shift();
  }
}

async function tablesIn(folders: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => []))
      if (/^\d+\.(ldb|sst)$/.test(name)) files.push(join(folder, name));
  }
  return files;
}
