import { ApiError, type Pod } from '@berth/api';
import { devicesAnnotation } from '@berth/scheduler';
import type { World } from '@berth/world';
import type { Registry, WriteContext } from '../registry/registry.ts';

/** Bindings on their way at once; the scheduler decides no more while so many are. */
export const bindingsMax = 512;

/** A binding that failed is decided anew after this, doubled each time it fails again. */
const retryMs = 100;
const retryMsMax = 10_000;

export interface BindingResult {
  readonly pod: Pod;
  readonly node: string;
  readonly outcome: 'bound' | 'conflict' | 'gone' | 'failed';
  readonly durationMs: number;
  readonly error?: ApiError | Error;
}

export interface BindingWriterOptions {
  readonly registry: Pick<Registry, 'bind'>;
  readonly world: Pick<World, 'clock' | 'timers'>;
  readonly context: WriteContext;
  onResult(result: BindingResult): void;
  /** The pod is to be decided on again now. */
  onReleased(uid: string): void;
}

/** Writes decisions into the store, many at once. Whatever is refused is given back to the scheduler after a pause. */
export class BindingWriter {
  readonly #options: BindingWriterOptions;
  readonly #onTheirWay = new Set<Promise<void>>();
  readonly #pauses = new Map<string, Disposable>();
  /** Failures in a row, by uid. */
  readonly #failures = new Map<string, number>();
  #isClosed = false;

  constructor(options: BindingWriterOptions) {
    this.#options = options;
  }

  /** How many more may be started. */
  get vacancies(): number {
    return Math.max(0, bindingsMax - this.#onTheirWay.size);
  }

  /** `devices` is what the pod's annotation will say of them. */
  bind(pod: Pod, node: string, devices?: string): void {
    const writing = this.#write(pod, node, devices).finally(() => this.#onTheirWay.delete(writing));
    this.#onTheirWay.add(writing);
  }

  /** Forgets the failures of a pod that has a node, or is gone. */
  forget(uid: string): void {
    this.#failures.delete(uid);
    this.#pauses.get(uid)?.[Symbol.dispose]();
    this.#pauses.delete(uid);
  }

  /** Resolves when nothing of what is on its way now is so any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#onTheirWay);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const pause of this.#pauses.values()) pause[Symbol.dispose]();
    this.#pauses.clear();
    await this.idle();
  }

  /** Never rejects. */
  async #write(pod: Pod, node: string, devices: string | undefined): Promise<void> {
    const { registry, world, context, onResult } = this.#options;
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    const startMs = world.clock.monotonicMs();
    try {
      const annotations = devices === undefined ? undefined : { [devicesAnnotation]: devices };
      await registry.bind(namespace, name, uid, node, context, annotations);
      this.#failures.delete(uid);
      onResult({ pod, node, outcome: 'bound', durationMs: world.clock.monotonicMs() - startMs });
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      onResult({ pod, node, outcome: outcomeOf(error), durationMs: world.clock.monotonicMs() - startMs, error });
      this.#giveBack(uid);
    }
  }

  #giveBack(uid: string): void {
    const failures = (this.#failures.get(uid) ?? 0) + 1;
    this.#failures.set(uid, failures);
    const pauseMs = Math.min(retryMs * 2 ** (failures - 1), retryMsMax);
    this.#pauses.get(uid)?.[Symbol.dispose]();
    if (this.#isClosed) return;
    const pause = this.#options.world.timers.after(pauseMs, () => {
      this.#pauses.delete(uid);
      this.#options.onReleased(uid);
    });
    this.#pauses.set(uid, pause);
  }
}

function outcomeOf(error: Error): 'conflict' | 'gone' | 'failed' {
  if (!(error instanceof ApiError)) return 'failed';
  if (error.reason === 'NotFound') return 'gone';
  return error.reason === 'Conflict' ? 'conflict' : 'failed';
}
