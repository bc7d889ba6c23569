import { type FileHandle, open } from 'node:fs/promises';
import { SnapshotError } from './snapshot-format.ts';

const pieceBytes = 1024 * 1024;

/** A file that is still being written by somebody else, who tells how far it can be read already. */
export class ArrivingFile {
  readonly #path: string;
  #bytes = 0;
  #state: 'growing' | 'complete' | 'abandoned' = 'growing';
  #news: PromiseWithResolvers<void> = Promise.withResolvers<void>();

  constructor(path: string) {
    this.#path = path;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** `bytes` of it are there. */
  grown(bytes: number): void {
    this.#bytes = bytes;
    this.#tell();
  }

  /** Nothing more will come. */
  complete(bytes: number): void {
    if (this.#state === 'growing') this.#state = 'complete';
    this.grown(bytes);
  }

  /** Whoever reads it is told to stop. */
  abandon(): void {
    this.#state = 'abandoned';
    this.#tell();
  }

  /** Everything, front to back, as it comes. A piece holds until the next is asked for. Throws a `SnapshotError` when it is abandoned, or has less than was said. */
  async *pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    const handle = await openExisting(this.#path);
    const memory = Buffer.allocUnsafeSlow(pieceBytes);
    try {
      for (let at = 0; ; ) {
        while (at >= this.#bytes && this.#state === 'growing') await this.#news.promise;
        if (this.#state === 'abandoned') throw new SnapshotError('the snapshot is not wanted any more');
        if (at >= this.#bytes) return;
        const { bytesRead } = await handle.read(memory, 0, Math.min(pieceBytes, this.#bytes - at), at);
        if (bytesRead === 0) throw new SnapshotError(`the file of the snapshot ends at ${at}, not at ${this.#bytes}`);
        at += bytesRead;
        yield memory.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }
}

/** It may have been discarded before its first byte was read. */
async function openExisting(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new SnapshotError(`the file of the snapshot is gone: ${path}`, { cause: error });
  }
}
