import { crc32 } from 'node:zlib';
import type { World } from '@berth/world';
import type { FromCore, LoadedChunk, ToCore } from '../link/core-messages.ts';
import { SnapshotSource } from '../snapshot/snapshot-source.ts';
import type { AppliedState } from './applied-state.ts';

type SharedBytes = Uint8Array<SharedArrayBuffer>;

/** What lies in a memory of an `OutgoingSnapshot` after it was filled. */
interface FilledChunk {
  readonly offset: number;
  readonly data: SharedBytes;
  readonly checksum: number;
  readonly last: boolean;
}

/**
 * A snapshot being sent: read front to back into two memories that both threads see, in turn. A chunk lies there until the one after the next is
 * asked for, should it be asked for again; while it is on its way the next is read. If the consensus thread should ever send a chunk that has been
 * overwritten, the checksum tells.
 */
class OutgoingSnapshot {
  readonly #source: SnapshotSource;
  #pieces: AsyncGenerator<Uint8Array, void, undefined>;
  /** Of the present piece; holds until the next is asked for. */
  #rest: Uint8Array = new Uint8Array(0);
  #position = 0;
  #memories: readonly [SharedBytes, SharedBytes] = [sharedMemory(0), sharedMemory(0)];
  #filled: FilledChunk | undefined;
  #ahead: Promise<FilledChunk> | undefined;

  constructor(source: SnapshotSource) {
    this.#source = source;
    this.#pieces = source.stream();
  }

  async chunk(offset: number, maxBytes: number): Promise<FilledChunk> {
    const fits = (chunk: FilledChunk | undefined): chunk is FilledChunk =>
      chunk?.offset === offset && chunk.data.length <= maxBytes;
    if (fits(this.#filled)) return this.#filled;
    const ahead = await this.#ahead;
    if (this.#memories[0].length !== maxBytes) this.#memories = [sharedMemory(maxBytes), sharedMemory(maxBytes)];
    this.#filled = fits(ahead) ? ahead : await this.#readAt(offset);
    this.#ahead = this.#filled.last ? undefined : this.#read();
    // Whoever asks for it is told; until then nobody is.
    this.#ahead?.catch(() => undefined);
    return this.#filled;
  }

  async close(): Promise<void> {
    await this.#pieces.return();
    await this.#source.close();
  }

  /** The stream is the same every time: another place in it is reached by reading up to there. */
  async #readAt(offset: number): Promise<FilledChunk> {
    if (offset !== this.#position) {
      await this.#pieces.return();
      this.#pieces = this.#source.stream();
      this.#rest = new Uint8Array(0);
      this.#position = 0;
    }
    const [memory] = this.#memories;
    while (this.#position < offset) {
      const skipped = await this.#fill(memory.subarray(0, offset - this.#position));
      if (skipped === 0) throw new Error(`the snapshot ends at ${this.#position}, offset ${offset} was asked for`);
    }
    return await this.#read();
  }

  /** The next chunk, into the memory that was filled longer ago, which is the second. */
  async #read(): Promise<FilledChunk> {
    const [other, memory] = this.#memories;
    this.#memories = [memory, other];
    const offset = this.#position;
    const data = memory.subarray(0, await this.#fill(memory));
    const last = this.#rest.length === 0 && !(await this.#more());
    return { offset, data, checksum: crc32(data), last };
  }

  /** From its beginning; tells how many bytes, which are fewer than it has room for only at the end. */
  async #fill(memory: SharedBytes): Promise<number> {
    let bytes = 0;
    while (bytes < memory.length && (this.#rest.length > 0 || (await this.#more()))) {
      const part = this.#rest.subarray(0, memory.length - bytes);
      memory.set(part, bytes);
      bytes += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    this.#position += bytes;
    return bytes;
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#pieces.next();
    if (done === true) return false;
    this.#rest = value;
    return true;
  }
}

function sharedMemory(bytes: number): SharedBytes {
  return new Uint8Array(new SharedArrayBuffer(bytes));
}

/** Reads snapshots of this server's state for members that lag. */
export class SnapshotSending {
  readonly #world: World;
  readonly #open = new Map<number, OutgoingSnapshot>();
  /** Reads of one snapshot one after the other. */
  readonly #busy = new Map<number, Promise<unknown>>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Does what the core asks for, and hands the answer to `answer`. */
  async carryOut(
    message: Extract<FromCore, { kind: 'open-snapshot' | 'load-chunk' | 'close-snapshot' }>,
    state: AppliedState,
    answer: (message: ToCore) => void,
  ): Promise<void> {
    if (message.kind === 'close-snapshot') {
      await this.#close(message.snapshotId);
      return;
    }
    const { to } = message;
    if (message.kind === 'open-snapshot') {
      const opened = await this.#openAt(state, message.atLeast);
      answer(opened === undefined ? { kind: 'snapshot-unavailable', to } : { kind: 'snapshot-opened', to, ...opened });
      return;
    }
    const chunk = await this.#load(to, message.snapshotId, message.offset, message.maxBytes);
    if (chunk === undefined) answer({ kind: 'snapshot-unavailable', to });
    else answer({ kind: 'chunk-loaded', ...chunk });
  }

  /** A snapshot at `atLeast` or later; undefined when there is none right now. */
  async #openAt(
    state: AppliedState,
    atLeast: number,
  ): Promise<{ readonly snapshotId: number; readonly index: number } | undefined> {
    const source = await sourceOf(state);
    if (source === undefined) return undefined;
    const { index } = source.meta.base;
    if (index < atLeast) {
      await source.close();
      return undefined;
    }
    const snapshotId = this.#newId();
    this.#open.set(snapshotId, new OutgoingSnapshot(source));
    return { snapshotId, index };
  }

  /** Undefined when the snapshot is closed, or its state was replaced. */
  #load(to: number, snapshotId: number, offset: number, maxBytes: number): Promise<LoadedChunk | undefined> {
    const loaded = (this.#busy.get(snapshotId) ?? Promise.resolve()).then(async () => {
      const snapshot = this.#open.get(snapshotId);
      if (snapshot === undefined) return undefined;
      try {
        return { to, snapshotId, ...(await snapshot.chunk(offset, maxBytes)) };
      } catch {
        await this.#close(snapshotId);
        return undefined;
      }
    });
    this.#busy.set(snapshotId, loaded);
    return loaded;
  }

  async #close(snapshotId: number): Promise<void> {
    const snapshot = this.#open.get(snapshotId);
    this.#open.delete(snapshotId);
    this.#busy.delete(snapshotId);
    // The state behind it may be gone already, and the snapshot with it.
    await snapshot?.close().catch(() => undefined);
  }

  async closeAll(): Promise<void> {
    for (const snapshotId of [...this.#open.keys()]) await this.#close(snapshotId);
  }

  #newId(): number {
    return this.#world.random.integer(2 ** 21) * 2 ** 32 + this.#world.random.integer(2 ** 32);
  }
}

/** The files as they are, wherever the system lets them be held. */
async function sourceOf({ writer, database }: AppliedState): Promise<SnapshotSource | undefined> {
  try {
    return await writer.betweenWrites(() => SnapshotSource.ofFiles(database));
  } catch {
    // Too many open files, or a folder that is not what LevelDB leaves: the slower way needs neither.
    await writer.sync();
    return await SnapshotSource.ofRecords(database);
  }
}
