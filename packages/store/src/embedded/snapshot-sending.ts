import { crc32 } from 'node:zlib';
import type { World } from '@berth/world';
import type { FromCore, LoadedChunk, ToCore } from '../link/core-messages.ts';
import { SnapshotSource } from '../snapshot/snapshot-source.ts';
import type { AppliedState } from './applied-state.ts';

/** What lies in the memory of an `OutgoingSnapshot` after it was filled. */
interface FilledChunk {
  readonly offset: number;
  readonly data: Uint8Array<SharedArrayBuffer>;
  readonly checksum: number;
  readonly last: boolean;
}

/**
 * A snapshot being sent: read front to back into one piece of memory that both threads see. Its last chunk lies there until the next one is asked for,
 * should it be asked for again. The consensus thread asks for the next when the last one has arrived; if it should ever send a chunk that has been
 * overwritten, the checksum tells.
 */
class OutgoingSnapshot {
  readonly #source: SnapshotSource;
  #pieces: AsyncGenerator<Uint8Array, void, undefined>;
  /** Of the present piece; holds until the next is asked for. */
  #rest: Uint8Array = new Uint8Array(0);
  #position = 0;
  #memory: Uint8Array<SharedArrayBuffer> = new Uint8Array(new SharedArrayBuffer(0));
  #filled: FilledChunk | undefined;

  constructor(source: SnapshotSource) {
    this.#source = source;
    this.#pieces = source.stream();
  }

  async chunk(offset: number, maxBytes: number): Promise<FilledChunk> {
    if (this.#filled?.offset === offset) return this.#filled;
    this.#filled = undefined;
    if (this.#memory.length !== maxBytes) this.#memory = new Uint8Array(new SharedArrayBuffer(maxBytes));
    if (offset !== this.#position) await this.#rewind(offset);
    const data = this.#memory.subarray(0, await this.#fill(maxBytes));
    const last = this.#rest.length === 0 && !(await this.#more());
    this.#filled = { offset, data, checksum: crc32(data), last };
    return this.#filled;
  }

  async close(): Promise<void> {
    await this.#pieces.return();
    await this.#source.close();
  }

  /** The stream is the same every time: another place in it is reached by reading up to there. */
  async #rewind(offset: number): Promise<void> {
    await this.#pieces.return();
    this.#pieces = this.#source.stream();
    this.#rest = new Uint8Array(0);
    this.#position = 0;
    while (this.#position < offset) {
      const skipped = await this.#fill(Math.min(offset - this.#position, this.#memory.length));
      if (skipped === 0) throw new Error(`the snapshot ends at ${this.#position}, offset ${offset} was asked for`);
    }
  }

  /** From the beginning of the memory; tells how many bytes, which are fewer than wanted only at the end. */
  async #fill(wantedBytes: number): Promise<number> {
    let bytes = 0;
    while (bytes < wantedBytes && (this.#rest.length > 0 || (await this.#more()))) {
      const part = this.#rest.subarray(0, wantedBytes - bytes);
      this.#memory.set(part, bytes);
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
