import type { World } from '@berth/world';

const tickMs = 200;
/** A turn that comes later than this means that the process stood still: its machine was suspended, or gave it no processor. */
const standstillMs = 1_000;

/**
 * Knows since when this process has run without a standstill. Who stood still has heard nothing meanwhile, and must not take that for the silence of
 * others.
 */
export class AwakeWatch implements Disposable {
  readonly #clock: World['clock'];
  readonly #ticking: Disposable;
  #sinceMonotonicMs: number;
  #seenMs: number;

  constructor({ clock, timers }: World) {
    this.#clock = clock;
    this.#seenMs = clock.monotonicMs();
    this.#sinceMonotonicMs = this.#seenMs;
    this.#ticking = timers.every(tickMs, () => this.#look());
  }

  /** Also right when asked before the first tick after a standstill. */
  get sinceMonotonicMs(): number {
    this.#look();
    return this.#sinceMonotonicMs;
  }

  [Symbol.dispose](): void {
    this.#ticking[Symbol.dispose]();
  }

  #look(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#seenMs > tickMs + standstillMs) this.#sinceMonotonicMs = nowMs;
    this.#seenMs = nowMs;
  }
}
