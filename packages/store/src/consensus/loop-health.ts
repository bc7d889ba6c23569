import type { World } from '@berth/world';

const windowMs = 10_000;
const rareShare = 0.01;
/**
 * A thread that is late with a tenth of its ticks is short of time. Single pauses, as the collection of garbage or a stopped process makes them, are
 * fewer, even one of half a second in every second: between two of them there are ten ticks in time.
 */
const sustainedShare = 0.1;
/** Few ticks prove nothing: as if at least this part of the window's had been counted. */
const countedShareMin = 0.25;

/** How late the thread of the core is with its work, judged by its ticks in the last ten seconds. */
export class LoopHealth {
  readonly #world: World;
  readonly #ticksOfWindow: number;
  /** When each tick came, oldest first. */
  #times: number[] = [];
  /** Those that came late, oldest first. */
  #late: { readonly atMs: number; readonly lagMs: number }[] = [];
  #p99Ms = 0;
  #sustainedMs = 0;
  /** Since it was last taken. */
  #longestMs = 0;

  constructor(world: World, tickMs: number) {
    this.#world = world;
    this.#ticksOfWindow = windowMs / tickMs;
  }

  /** To be told of each tick. */
  note(lagMs: number): void {
    this.#longestMs = Math.max(this.#longestMs, lagMs);
    const nowMs = this.#world.clock.monotonicMs();
    const sinceMs = nowMs - windowMs;
    while ((this.#times[0] ?? nowMs) < sinceMs) this.#times.shift();
    while ((this.#late[0]?.atMs ?? nowMs) < sinceMs) this.#late.shift();
    this.#times.push(nowMs);
    if (lagMs >= 1) this.#late.push({ atMs: nowMs, lagMs });
    const lags = this.#late.map((tick) => tick.lagMs).sort((a, b) => b - a);
    const counted = Math.max(this.#times.length, this.#ticksOfWindow * countedShareMin);
    this.#p99Ms = lags[Math.floor(this.#ticksOfWindow * rareShare)] ?? 0;
    this.#sustainedMs = lags[Math.floor(counted * sustainedShare)] ?? 0;
  }

  /** The longest time by which a tick came late, since this was asked last. */
  takeLongestMs(): number {
    const longestMs = this.#longestMs;
    this.#longestMs = 0;
    return longestMs;
  }

  /** All ticks but one in a hundred came sooner than that; 0 when they were in time. */
  get p99Ms(): number {
    return this.#p99Ms;
  }

  /** A tenth of the ticks came later than that; 0 when fewer were late at all. */
  get sustainedMs(): number {
    return this.#sustainedMs;
  }
}
