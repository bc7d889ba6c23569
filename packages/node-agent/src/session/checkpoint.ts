import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type CheckpointKind = 'pods' | 'config' | 'node' | 'network';

export interface CheckpointEntry {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/**
 * What the servers said last, for an agent that is started while none of them can be reached. It lies on memory (secrets are in it) and is
 * gone after a reboot, like the containers it speaks of.
 */
export class Checkpoint {
  readonly #folder: string;
  /** Per entry: writes of one never overtake each other. */
  readonly #writing = new Map<string, Promise<void>>();

  constructor(runtimeDir: string) {
    this.#folder = join(runtimeDir, 'assigned');
  }

  /** Best effort: without it only an agent started offline knows less. */
  put(kind: CheckpointKind, key: string, bytes: Uint8Array): void {
    const path = this.#path(kind, key);
    this.#enqueue(path, async () => {
      await mkdir(join(this.#folder, kind), { recursive: true, mode: 0o700 });
      await writeFile(`${path}.new`, bytes, { mode: 0o600 });
      await rename(`${path}.new`, path);
    });
  }

  delete(kind: CheckpointKind, key: string): void {
    const path = this.#path(kind, key);
    this.#enqueue(path, () => rm(path, { force: true }));
  }

  async load(kind: CheckpointKind): Promise<readonly CheckpointEntry[]> {
    const folder = join(this.#folder, kind);
    const names = await readdir(folder).catch(() => []);
    const entries = names
      .filter((name) => !name.endsWith('.new'))
      .map(async (name): Promise<CheckpointEntry | undefined> => {
        const bytes = await readFile(join(folder, name)).catch(() => undefined);
        return bytes === undefined ? undefined : { key: decodeURIComponent(name), bytes };
      });
    return (await Promise.all(entries)).filter((entry) => entry !== undefined);
  }

  /** Removes what is not named. */
  async retainOnly(kind: CheckpointKind, keys: ReadonlySet<string>): Promise<void> {
    const names = await readdir(join(this.#folder, kind)).catch(() => []);
    for (const name of names) if (!keys.has(decodeURIComponent(name))) this.delete(kind, decodeURIComponent(name));
  }

  /** Resolves when everything that was asked for is written. */
  async idle(): Promise<void> {
    while (this.#writing.size > 0) await Promise.all(this.#writing.values());
  }

  #path(kind: CheckpointKind, key: string): string {
    return join(this.#folder, kind, encodeURIComponent(key));
  }

  #enqueue(path: string, write: () => Promise<void>): void {
    const before = this.#writing.get(path) ?? Promise.resolve();
    const now = before.then(write).catch(() => undefined);
    this.#writing.set(path, now);
    void now.then(() => {
      if (this.#writing.get(path) === now) this.#writing.delete(path);
    });
  }
}
