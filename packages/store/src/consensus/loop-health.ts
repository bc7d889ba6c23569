import type { World } from '@berth/world';

const windowMs = 10_000;
/** The part of the ticks that may come later. */
const lateShare = 0.01;

/**
 * How late the thread of the core is with its work, judged by its ticks in the last ten seconds. One long pause now and then, as the
 * collection of garbage makes it, does not count; a thread that lags again and again does.
 */
export class LoopHealth {
  readonly #world: World;
  readonly #allowed: number;
  /** Ticks that came late, oldest first. */
  #late: { readonly atMs: number; readonly lagMs: number }[] = [];

  constructor(world: World, tickMs: number) {
    this.#world = world;
    this.#allowed = Math.floor((windowMs / tickMs) * lateShare);
  }

  note(lagMs: number): void {
    if (lagMs >= 1) this.#late.push({ atMs: this.#world.clock.monotonicMs(), lagMs });
  }

  /** All ticks but one in a hundred came sooner than that; 0 when they were in time. */
  get p99Ms(): number {
    const sinceMs = this.#world.clock.monotonicMs() - windowMs;
    const first = this.#late.findIndex(({ atMs }) => atMs >= sinceMs);
    this.#late = first < 0 ? [] : this.#late.slice(first);
    const lags = this.#late.map(({ lagMs }) => lagMs).sort((a, b) => b - a);
    return lags[this.#allowed] ?? 0;
  }
}
