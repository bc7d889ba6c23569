import { type FileHandle, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LevelFault } from './byte-cursor.ts';
import { checkJournal } from './journal-check.ts';
import { type LevelInventory, readManifest } from './manifest.ts';

interface FrozenFile {
  readonly name: string;
  /** A journal is longer by now; what was there stays. */
  readonly bytes: number;
  readonly source: FileHandle | Uint8Array;
}

/** LevelDB merges tables whenever it likes: then what was opened before is not what the manifest names after it. */
const attemptsMax = 20;
const pieceBytes = 512 * 1024;
const fileName = /^(\d+)\.(log|ldb|sst)$/;

/**
 * The files of a LevelDB in use, as they were at one moment. Tables never change and journals only grow, so it is enough to hold them open:
 * a file that LevelDB deletes lives on until it is closed here.
 */
export class FrozenLevel {
  readonly #files: readonly FrozenFile[];

  private constructor(files: readonly FrozenFile[]) {
    this.#files = files;
  }

  /**
   * Everything whose writing has ended is part of it. Batches that are written meanwhile may be or not, in order and none in parts. Throws when no
   * moment could be held: too many open files, or merges without end.
   */
  static async open(folder: string): Promise<FrozenLevel> {
    const held = new Map<string, FileHandle>();
    try {
      for (let attempt = 0; attempt < attemptsMax; attempt++) {
        const files = await hold(folder, held);
        if (files !== undefined) return new FrozenLevel(files);
      }
      throw new LevelFault(`the files of ${folder} change too quickly to be held`);
    } catch (error) {
      for (const handle of held.values()) await handle.close();
      throw error;
    }
  }

  /**
   * Of every file its name with each piece, front to back; the same every time. The file that makes the others a database comes last. A piece holds until
   * the next is asked for.
   */
  async *pieces(): AsyncGenerator<readonly [name: string, bytes: Uint8Array], void, undefined> {
    const memory = Buffer.allocUnsafeSlow(pieceBytes);
    for (const { name, bytes, source } of this.#files) {
      for (let at = 0; at < bytes || at === 0; at += pieceBytes) {
        const length = Math.min(pieceBytes, bytes - at);
        if (source instanceof Uint8Array) yield [name, source.subarray(at, at + length)];
        else yield [name, await read(source, at, memory.subarray(0, length))];
      }
    }
  }

  async close(): Promise<void> {
    for (const { source } of this.#files) if (!(source instanceof Uint8Array)) await source.close();
  }
}

/**
 * Undefined when the files changed while they were being opened; those that were opened stay in `held` for the next time. The lengths of journals
 * are taken before it is read which files count, for what is written later may lie in a journal that is not held. Those of tables are taken after
 * it: one that does not count yet may be in the middle of being written.
 */
async function hold(folder: string, held: Map<string, FileHandle>): Promise<FrozenFile[] | undefined> {
  for (const name of await readdir(folder))
    if (fileName.test(name) && !held.has(name)) await holdFile(folder, name, held);
  const journals = await measured(held, (name) => name.endsWith('.log'));
  const current = await readFile(join(folder, 'CURRENT'));
  const manifestName = current.toString().trim();
  const manifest = await readFile(join(folder, manifestName));
  if (checkJournal(manifest, manifestName).kind !== 'whole') return undefined;
  const inventory = readManifest(manifest);
  if (!isComplete(held, inventory)) return undefined;
  const tables = await measured(held, (name) => !name.endsWith('.log') && counts(name, inventory));
  for (const [name, handle] of held) if (!counts(name, inventory)) await handle.close();
  return [
    { name: manifestName, bytes: manifest.length, source: manifest },
    ...journals.filter(({ name }) => counts(name, inventory)),
    ...tables,
    { name: 'CURRENT', bytes: current.length, source: current },
  ];
}

async function measured(
  held: ReadonlyMap<string, FileHandle>,
  wanted: (name: string) => boolean,
): Promise<FrozenFile[]> {
  const files: FrozenFile[] = [];
  for (const [name, source] of held) if (wanted(name)) files.push({ name, bytes: (await source.stat()).size, source });
  return files;
}

/** Unless it is gone already. */
async function holdFile(folder: string, name: string, held: Map<string, FileHandle>): Promise<void> {
  try {
    held.set(name, await open(join(folder, name), 'r'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function isComplete(held: ReadonlyMap<string, unknown>, { tables, firstJournal }: LevelInventory): boolean {
  const numbers = new Set([...held.keys()].map((name) => Number.parseInt(name, 10)));
  return numbers.has(firstJournal) && [...tables].every((table) => numbers.has(table));
}

function counts(name: string, { tables, firstJournal }: LevelInventory): boolean {
  const number = Number.parseInt(name, 10);
  return name.endsWith('.log') ? number >= firstJournal : tables.has(number);
}

async function read(handle: FileHandle, at: number, into: Uint8Array): Promise<Uint8Array> {
  let filled = 0;
  while (filled < into.length) {
    const { bytesRead } = await handle.read(into, filled, into.length - filled, at + filled);
    if (bytesRead === 0) throw new LevelFault(`a file ends at ${at + filled}, it had ${at + into.length} bytes`);
    filled += bytesRead;
  }
  return into;
}
