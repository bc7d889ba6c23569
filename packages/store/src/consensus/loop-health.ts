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
  #p99Ms = 0;

  constructor(world: World, tickMs: number) {
    this.#world = world;
    this.#allowed = Math.floor((windowMs / tickMs) * lateShare);
  }

  /** To be told of each tick. */
  note(lagMs: number): void {
    const nowMs = this.#world.clock.monotonicMs();
    while ((this.#late[0]?.atMs ?? nowMs) < nowMs - windowMs) this.#late.shift();
    if (lagMs >= 1) this.#late.push({ atMs: nowMs, lagMs });
    const lags = this.#late.map((tick) => tick.lagMs).sort((a, b) => b - a);
    this.#p99Ms = lags[this.#allowed] ?? 0;
  }

  /** All ticks but one in a hundred came sooner than that; 0 when they were in time. */
  get p99Ms(): number {
    return this.#p99Ms;
  }
}
