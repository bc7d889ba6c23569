import type { Effect, Event } from '@berth/raft';
import type { FromCore } from '../link/core-messages.ts';
import type { IncomingSnapshot } from './incoming-snapshot.ts';

type SnapshotEffect = Extract<
  Effect,
  {
    kind: 'open-snapshot' | 'load-chunk' | 'close-snapshot' | 'store-chunk' | 'stage-snapshot' | 'discard-snapshot';
  }
>;

/**
 * Snapshots on their way out are read by the owner of the state, in the main thread; those on their way in are kept in a file here, and
 * made a state by the main thread while they arrive.
 */
export class SnapshotTraffic {
  readonly #incoming: IncomingSnapshot;
  readonly #tell: (message: FromCore) => void;
  readonly #dispatch: (event: Event) => void;
  readonly #failed: (error: unknown) => void;
  /** File work strictly in the order it was asked for. */
  #files: Promise<void> = Promise.resolve();

  constructor(
    incoming: IncomingSnapshot,
    port: {
      tell(message: FromCore): void;
      dispatch(event: Event): void;
      failed(error: unknown): void;
    },
  ) {
    this.#incoming = incoming;
    this.#tell = port.tell;
    this.#dispatch = port.dispatch;
    this.#failed = port.failed;
  }

  carryOut(effect: SnapshotEffect): void {
    switch (effect.kind) {
      case 'open-snapshot':
      case 'load-chunk':
        this.#tell(effect);
        return;
      case 'close-snapshot':
        this.#tell({ kind: 'close-snapshot', snapshotId: effect.snapshotId });
        return;
      default:
        this.#files = this.#files.then(() => this.#work(effect)).catch(this.#failed);
    }
  }

  async idle(): Promise<void> {
    await this.#files;
  }

  async #work(
    effect: Extract<SnapshotEffect, { kind: 'store-chunk' | 'stage-snapshot' | 'discard-snapshot' }>,
  ): Promise<void> {
    if (effect.kind === 'discard-snapshot') {
      this.#tell({ kind: 'snapshot-discarded', snapshotId: effect.snapshotId });
      return await this.#incoming.discard(effect.snapshotId);
    }
    const { snapshot } = effect;
    const { snapshotId } = snapshot;
    if (effect.kind === 'stage-snapshot') {
      const file = await this.#incoming.complete(snapshotId);
      this.#tell({ kind: 'stage-snapshot', snapshot, file });
      return;
    }
    const nextOffset = await this.#incoming.store(snapshot, effect.offset, effect.data, effect.checksum);
    if (nextOffset > 0)
      this.#tell({ kind: 'snapshot-arriving', snapshotId, file: this.#incoming.path(snapshotId), bytes: nextOffset });
    this.#dispatch({ kind: 'chunk-stored', snapshotId, nextOffset });
  }
}
