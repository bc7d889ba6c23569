import type { World } from '@berth/world';

/** More ticks than this at once are a stall (rule 4.5.2 of the consensus notes): waiting messages go first. */
const stallTicks = 3;

/**
 * Turns the clock into ticks. After a stall the poll phase of the event loop gets two rounds before the tick is told, so that heartbeats
 * that waited in the sockets are heard before anybody campaigns.
 */
export class Ticker {
  readonly #world: World;
  readonly #tickMs: number;
  readonly #tick: (elapsedTicks: number) => void;
  readonly #late: (lagMs: number) => void;
  readonly #timer: Disposable;
  #lastMs: number;
  #yielding = false;

  /** `late` hears of each tick by how much it was late, which may be less than nothing. */
  constructor(world: World, tickMs: number, tick: (elapsedTicks: number) => void, late: (lagMs: number) => void) {
    this.#world = world;
    this.#tickMs = tickMs;
    this.#tick = tick;
    this.#late = late;
    this.#lastMs = world.clock.monotonicMs();
    this.#timer = world.timers.every(tickMs, () => this.#beat());
  }

  close(): void {
    this.#timer[Symbol.dispose]();
  }

  #beat(): void {
    if (this.#yielding) return;
    const gapMs = this.#world.clock.monotonicMs() - this.#lastMs;
    this.#late(gapMs - this.#tickMs);
    if (gapMs <= stallTicks * this.#tickMs) {
      this.#tell();
      return;
    }
    this.#yielding = true;
    setImmediate(() =>
      setImmediate(() => {
        this.#yielding = false;
        this.#tell();
      }),
    );
  }

  /** Whole ticks only; what is left over counts towards the next one. */
  #tell(): void {
    const now = this.#world.clock.monotonicMs();
    const elapsedTicks = Math.max(1, Math.round((now - this.#lastMs) / this.#tickMs));
    this.#lastMs = now;
    this.#tick(elapsedTicks);
  }
}
