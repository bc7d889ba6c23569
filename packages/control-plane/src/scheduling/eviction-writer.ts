import { ApiError, type Pod } from '@berth/api';
import type { World } from '@berth/world';
import type { Registry, WriteContext } from '../registry/registry.ts';

/** A deletion that failed is tried again after this, doubled each time up to the most. */
const retryMs = 200;
const retryMsMax = 10_000;

export interface EvictionWriterOptions {
  readonly registry: Pick<Registry, 'delete'>;
  readonly world: Pick<World, 'timers'>;
  readonly context: WriteContext;
  /** The pod is being deleted to make room for `preemptor` on `node`; called once per victim. */
  onEvicted(victim: Pod, preemptor: Pod, node: string): void;
  onFailed(victim: Pod, error: unknown): void;
}

/** Deletes the pods that have to make room, with their grace period, and does not give up while they are there. */
export class EvictionWriter {
  readonly #options: EvictionWriterOptions;
  readonly #writing = new Set<Promise<void>>();
  /** Pauses before another try, by uid of the victim. */
  readonly #pauses = new Map<string, Disposable>();
  /** Victims whose deletion is under way or written, by uid. */
  readonly #under = new Set<string>();
  #isClosed = false;

  constructor(options: EvictionWriterOptions) {
    this.#options = options;
  }

  evict(victim: Pod, preemptor: Pod, node: string): void {
    const { uid = '' } = victim.metadata;
    if (this.#under.has(uid)) return;
    this.#under.add(uid);
    this.#try(victim, preemptor, node, retryMs);
  }

  /** The pod is gone. */
  forget(uid: string): void {
    this.#under.delete(uid);
    this.#pauses.get(uid)?.[Symbol.dispose]();
    this.#pauses.delete(uid);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const pause of this.#pauses.values()) pause[Symbol.dispose]();
    this.#pauses.clear();
    await Promise.all(this.#writing);
  }

  #try(victim: Pod, preemptor: Pod, node: string, pauseMs: number): void {
    const writing = this.#write(victim, preemptor, node, pauseMs).finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  /** Never rejects. */
  async #write(victim: Pod, preemptor: Pod, node: string, pauseMs: number): Promise<void> {
    const { registry, context, onEvicted, onFailed } = this.#options;
    const { namespace = '', name = '', uid = '' } = victim.metadata;
    try {
      await registry.delete({ resource: 'pods', namespace, name }, { preconditions: { uid } }, context);
      onEvicted(victim, preemptor, node);
    } catch (error) {
      // Gone already, or another pod of the same name.
      if (error instanceof ApiError && (error.reason === 'NotFound' || error.reason === 'Conflict')) return;
      onFailed(victim, error);
      if (this.#isClosed || !this.#under.has(uid)) return;
      const again = (): void => {
        this.#pauses.delete(uid);
        this.#try(victim, preemptor, node, Math.min(pauseMs * 2, retryMsMax));
      };
      this.#pauses.set(uid, this.#options.world.timers.after(pauseMs, again));
    }
  }
}
