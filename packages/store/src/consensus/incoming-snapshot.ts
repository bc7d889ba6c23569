import { type FileHandle, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { decodeBase, encodeBase, type SnapshotMeta, type StoredState } from '@berth/raft';

/** What is known of a snapshot before all of it has arrived. */
interface Note {
  readonly snapshotId: number;
  /** Base64. */
  readonly base: string;
}

/**
 * The one snapshot that is being received: a file that grows chunk by chunk, and a note of which snapshot it is, so that a restart can go
 * on where it stopped. The whole is verified when it is staged; chunks are only checked one by one.
 */
export class IncomingSnapshot {
  readonly #folder: string;
  #file: { readonly snapshotId: number; readonly handle: FileHandle; bytes: number } | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  path(snapshotId: number): string {
    return join(this.#folder, `${snapshotId}.part`);
  }

  /** What an earlier process received; undefined when there is nothing of use. */
  async resume(): Promise<StoredState['partialSnapshot']> {
    const note = await readFile(this.#notePath, 'utf8').then(
      (text) => JSON.parse(text) as Note,
      () => undefined,
    );
    const base = note === undefined ? undefined : decodeBase(Buffer.from(note.base, 'base64'));
    if (note === undefined || base === undefined) {
      await this.#clear();
      return undefined;
    }
    const handle = await open(this.path(note.snapshotId), 'r+').catch(() => undefined);
    if (handle === undefined) return undefined;
    const { size } = await handle.stat();
    this.#file = { snapshotId: note.snapshotId, handle, bytes: size };
    return { snapshot: { snapshotId: note.snapshotId, base }, nextOffset: size };
  }

  /** Keeps a chunk; resolves with where the next one must begin, which is unchanged when this one was of no use. */
  async store(snapshot: SnapshotMeta, offset: number, data: Uint8Array, checksum: number): Promise<number> {
    if (offset === 0) await this.#begin(snapshot);
    const file = this.#file;
    if (file === undefined || file.snapshotId !== snapshot.snapshotId) return 0;
    if (offset !== file.bytes || crc32(data) !== checksum) return file.bytes;
    await file.handle.write(data, 0, data.length, offset);
    file.bytes += data.length;
    return file.bytes;
  }

  /** The complete file, to be read by others. */
  async complete(snapshotId: number): Promise<string> {
    await this.#close();
    return this.path(snapshotId);
  }

  async discard(snapshotId: number): Promise<void> {
    if (this.#file !== undefined && this.#file.snapshotId !== snapshotId) return;
    await this.#close();
    await this.#clear();
  }

  async #begin({ snapshotId, base }: SnapshotMeta): Promise<void> {
    await this.#close();
    await this.#clear();
    const note: Note = { snapshotId, base: Buffer.from(encodeBase(base)).toString('base64') };
    const handle = await open(this.path(snapshotId), 'w+');
    await writeFile(this.#notePath, JSON.stringify(note));
    this.#file = { snapshotId, handle, bytes: 0 };
  }

  async #close(): Promise<void> {
    await this.#file?.handle.close();
    this.#file = undefined;
  }

  async #clear(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
    await mkdir(this.#folder, { recursive: true });
  }

  get #notePath(): string {
    return join(this.#folder, 'note.json');
  }
}
