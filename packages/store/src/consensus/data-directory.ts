import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '@berth/world';

/** What lies where in the directory of one member. */
export class DataDirectory {
  readonly path: string;
  readonly log: string;
  /** A snapshot that is being received. */
  readonly incoming: string;

  constructor(path: string) {
    this.path = path;
    this.log = join(path, 'log');
    this.incoming = join(path, 'incoming');
  }

  async make(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    await mkdir(this.incoming, { recursive: true });
  }

  state(folder: string): string {
    return join(this.path, folder);
  }

  /** State folders other than the one in use are left-overs of an installation that did not come to its end. */
  async deleteOtherStates(inUse: string): Promise<void> {
    for (const name of await readdir(this.path))
      if (name.startsWith('state-') && name !== inUse) await rm(join(this.path, name), { recursive: true });
  }

  /** Moves a log that cannot be opened out of the way; it is kept for whoever wants to look at it. */
  async setLogAside(wallMs: number): Promise<string> {
    const aside = `${this.log}-damaged-${wallMs}`;
    await rename(this.log, aside);
    return aside;
  }
}

export const firstStateFolder: string = stateFolderOf(1);

export function stateFolderOf(number: number): string {
  return `state-${number}`;
}

export function stateNumber(folder: string): number {
  return Number(folder.slice('state-'.length));
}

export function isStateFolder(name: string): boolean {
  return /^state-\d+$/.test(name);
}

export function nextStateFolder(folder: string): string {
  return stateFolderOf(stateNumber(folder) + 1);
}

/**
 * The UUID of a data directory, made with it: a server tells it when it joins, and shows it with every connection. A directory that
 * was emptied gets a new one, and so can never pass for the old one.
 */
export async function dataDirectoryId(path: string, random: Random): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const file = join(path, 'directory-id');
  const found = await readFile(file, 'utf8').catch(() => undefined);
  if (found !== undefined && /^[0-9a-f-]{36}\n$/.test(found)) return found.trim();
  const id = random.uuid();
  const handle = await open(file, 'w', 0o600);
  await handle.writeFile(`${id}\n`);
  await handle.sync();
  await handle.close();
  return id;
}
