import type { Pod } from '@berth/api';
import type { World } from '@berth/world';
import type { Registry, WriteContext } from '../registry/registry.ts';
import { type PendingStatus, withPendingStatus } from './pod-status-change.ts';

/** Conditions being written at once. */
const writesMax = 8;
/** A write that failed is tried again after this. */
const retryMs = 1_000;

export interface RefusalWriterOptions {
  readonly registry: Pick<Registry, 'modify'>;
  readonly world: Pick<World, 'clock' | 'timers'>;
  readonly context: WriteContext;
  /** The condition says so now; called once per pod and message. */
  onWritten(pod: Pod, message: string): void;
  onFailed(pod: Pod, error: unknown): void;
}

interface Refusal extends PendingStatus {
  readonly pod: Pod;
}

/**
 * Tells pods that they fit nowhere, and why, in their PodScheduled condition. The latest message wins; what was said already
 * is not said again; a pod that found a node meanwhile is told nothing.
 */
export class RefusalWriter {
  readonly #options: RefusalWriterOptions;
  /** By uid: to be written. */
  readonly #waiting = new Map<string, Refusal>();
  /** By uid: what the pod was told. */
  readonly #told = new Map<string, string>();
  readonly #writing = new Set<Promise<void>>();
  readonly #pauses = new Set<Disposable>();
  #isClosed = false;

  constructor(options: RefusalWriterOptions) {
    this.#options = options;
  }

  tell(pod: Pod, status: PendingStatus): void {
    const { uid = '' } = pod.metadata;
    if (this.#told.get(uid) === textOf(status)) this.#waiting.delete(uid);
    else this.#waiting.set(uid, { pod, ...status });
    this.#pump();
  }

  /** The pod has a node, or is gone. */
  forget(uid: string): void {
    this.#waiting.delete(uid);
    this.#told.delete(uid);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waiting.clear();
    for (const pause of this.#pauses) pause[Symbol.dispose]();
    await Promise.all(this.#writing);
  }

  #pump(): void {
    for (const [uid, refusal] of this.#waiting) {
      if (this.#writing.size >= writesMax) return;
      this.#waiting.delete(uid);
      const writing = this.#write(uid, refusal).finally(() => {
        this.#writing.delete(writing);
        this.#pump();
      });
      this.#writing.add(writing);
    }
  }

  /** Never rejects. */
  async #write(uid: string, refusal: Refusal): Promise<void> {
    const { pod, message } = refusal;
    const { registry, world, context, onWritten, onFailed } = this.#options;
    const { namespace = '', name = '' } = pod.metadata;
    const text = textOf(refusal);
    this.#told.set(uid, text);
    try {
      await registry.modify(
        { resource: 'pods', namespace, name },
        'status',
        (current) => withPendingStatus(current, uid, refusal, world.clock.wallMs()),
        context,
      );
      onWritten(pod, message);
    } catch (error) {
      if (this.#told.get(uid) === text) this.#told.delete(uid);
      onFailed(pod, error);
      this.#retryLater(uid, refusal);
    }
  }

  #retryLater(uid: string, refusal: Refusal): void {
    if (this.#isClosed) return;
    const pause = this.#options.world.timers.after(retryMs, () => {
      this.#pauses.delete(pause);
      if (!this.#waiting.has(uid) && !this.#told.has(uid)) this.#waiting.set(uid, refusal);
      this.#pump();
    });
    this.#pauses.add(pause);
  }
}

function textOf({ message, nominatedNodeName = '' }: PendingStatus): string {
  return `${nominatedNodeName}\n${message}`;
}
