import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { HardState } from '@berth/raft';
import { syncFolder } from '../codec/sync-folder.ts';

/** Who a data directory belongs to; never changes, except by restoring or recovering. */
export interface Identity {
  readonly clusterId: string;
  /** Of the members that share one log; a restored or recovered cluster gets a new one. */
  readonly groupId: string;
  readonly memberId: number;
  /** UUID of this directory. */
  readonly directory: string;
}

/** An entry that is durable, and proof of everything before it. */
export interface Watermark {
  readonly index: number;
  readonly chain: number;
}

/** What a member must not forget, kept outside of LevelDB, which may lose its tail without a word. */
export interface Promises {
  readonly identity: Identity;
  /** Counts the processes that ran here. */
  readonly incarnation: number;
  readonly hardState: HardState;
  /** Counts the hard states; LevelDB's copy is written first, so it is never behind this one unless it lost its tail. */
  readonly hardStateSeq: number;
  /** The log reaches at least up to here. */
  readonly watermark: Watermark;
  /** Folder of the state database in use, should the log no longer tell. */
  readonly stateFolder: string;
}

const names = ['promise-0', 'promise-1'] as const;
const fileBytes = 4096;
const headBytes = 8;

interface Copy {
  readonly seq: number;
  readonly promises: Promises;
}

export interface FoundPromises {
  /** The newest copy that verifies. */
  readonly promises: Promises | undefined;
  /** Copies that exist and do not verify. */
  readonly damaged: number;
}

/**
 * Two files of 4 KiB, written in turn and synced, each with a checksum: a torn write leaves the other one whole.
 */
export class PromiseFile {
  readonly #files: readonly [FileHandle, FileHandle];
  #seq: number;
  #promises: Promises;
  #writing: Promise<void> = Promise.resolve();

  private constructor(files: readonly [FileHandle, FileHandle], seq: number, promises: Promises) {
    this.#files = files;
    this.#seq = seq;
    this.#promises = promises;
  }

  static async read(folder: string): Promise<FoundPromises> {
    const { best, damaged } = await readBest(folder);
    return { promises: best?.promises, damaged };
  }

  /** Opens the files for writing and makes `promises` durable in both of them. */
  static async open(folder: string, promises: Promises): Promise<PromiseFile> {
    const { best } = await readBest(folder);
    const files = [await openFile(folder, names[0]), await openFile(folder, names[1])] as const;
    const file = new PromiseFile(files, best?.seq ?? 0, promises);
    await file.update({});
    await file.update({});
    await syncFolder(folder);
    return file;
  }

  get promises(): Promises {
    return this.#promises;
  }

  /** Durable when it resolves. Updates are written in the order of the calls. */
  update(change: Partial<Promises>): Promise<void> {
    this.#promises = { ...this.#promises, ...change };
    const { promises } = this;
    const written = this.#writing.then(() => this.#write(promises));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async close(): Promise<void> {
    await this.#writing;
    await Promise.all(this.#files.map((file) => file.close()));
  }

  async #write(promises: Promises): Promise<void> {
    this.#seq += 1;
    const file = this.#files[this.#seq % 2 === 0 ? 0 : 1];
    await file.write(encodeCopy({ seq: this.#seq, promises }), 0, fileBytes, 0);
    await file.datasync();
  }
}

async function readBest(folder: string): Promise<{ best: Copy | undefined; damaged: number }> {
  let best: Copy | undefined;
  let damaged = 0;
  for (const name of names) {
    const bytes = await readFileIfThere(join(folder, name));
    if (bytes === undefined) continue;
    const copy = decodeCopy(bytes);
    if (copy === undefined) damaged += 1;
    else if (best === undefined || copy.seq > best.seq) best = copy;
  }
  return { best, damaged };
}

function encodeCopy(copy: Copy): Uint8Array {
  const text = Buffer.from(JSON.stringify(copy));
  if (text.length > fileBytes - headBytes)
    throw new Error(`promises take ${text.length} bytes, at most ${fileBytes - headBytes} fit`);
  const bytes = Buffer.alloc(fileBytes);
  bytes.writeUInt32BE(crc32(text), 0);
  bytes.writeUInt32BE(text.length, 4);
  text.copy(bytes, headBytes);
  return bytes;
}

function decodeCopy(bytes: Buffer): Copy | undefined {
  if (bytes.length < headBytes) return undefined;
  const end = headBytes + bytes.readUInt32BE(4);
  if (end > bytes.length) return undefined;
  const text = bytes.subarray(headBytes, end);
  if (crc32(text) !== bytes.readUInt32BE(0)) return undefined;
  const copy = JSON.parse(text.toString()) as Copy;
  const { term, vote, quarantinedUpTo } = copy.promises.hardState;
  return { ...copy, promises: { ...copy.promises, hardState: { term, vote, quarantinedUpTo } } };
}

async function openFile(folder: string, name: string): Promise<FileHandle> {
  const path = join(folder, name);
  return await open(path, 'r+').catch(() => open(path, 'w+', 0o600));
}

async function readFileIfThere(path: string): Promise<Buffer | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
