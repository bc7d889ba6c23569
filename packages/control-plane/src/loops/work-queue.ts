import type { World } from '@berth/world';

/** Level-triggered loops look again anyway; far longer timers would overflow the event loop's. */
const longestDelayMs = 3_600_000;

interface Delayed {
  readonly dueMs: number;
  readonly timer: Disposable;
}

/**
 * Keys that wait for their loop, each at most once, in the order of their arrival. A key that is added while it is worked on
 * is handed out again when that work is done, so no change is lost and no key is ever worked on twice at a time.
 */
export class WorkQueue implements Disposable {
  readonly #world: World;
  readonly #onArrival: () => void;
  readonly #waiting = new Set<string>();
  readonly #working = new Set<string>();
  readonly #resting = new Map<string, Disposable>();
  readonly #again = new Set<string>();
  readonly #delayed = new Map<string, Delayed>();

  /** `onArrival` is called when there is something to take. */
  constructor(world: World, onArrival: () => void) {
    this.#world = world;
    this.#onArrival = onArrival;
  }

  /** Keys that could be taken now. */
  get depth(): number {
    return this.#waiting.size;
  }

  get working(): number {
    return this.#working.size;
  }

  add(key: string): void {
    if (this.#working.has(key) || this.#resting.has(key)) {
      this.#again.add(key);
      return;
    }
    this.#waiting.add(key);
    this.#onArrival();
  }

  /** Adds later; of several delays for one key the shortest counts. */
  addAfter(key: string, delayMs: number): void {
    const { clock, timers } = this.#world;
    const waitMs = Math.max(0, Math.min(delayMs, longestDelayMs));
    const dueMs = clock.monotonicMs() + waitMs;
    const earlier = this.#delayed.get(key);
    if (earlier !== undefined && earlier.dueMs <= dueMs) return;
    earlier?.timer[Symbol.dispose]();
    const timer = timers.after(waitMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { dueMs, timer });
  }

  /** The key that has waited longest. The caller says `done` with it, whatever happens. */
  take(): string | undefined {
    const [key] = this.#waiting;
    if (key === undefined) return undefined;
    this.#waiting.delete(key);
    this.#working.add(key);
    return key;
  }

  /** The work on the key has ended; it is not handed out again for `restMs`. */
  done(key: string, restMs = 0): void {
    this.#working.delete(key);
    if (restMs > 0)
      this.#resting.set(
        key,
        this.#world.timers.after(restMs, () => this.#rested(key)),
      );
    else this.#rested(key);
  }

  #rested(key: string): void {
    this.#resting.delete(key);
    if (this.#again.delete(key)) this.add(key);
  }

  /** Forgets everything that waits; what is in work is not touched. */
  [Symbol.dispose](): void {
    for (const { timer } of this.#delayed.values()) timer[Symbol.dispose]();
    for (const timer of this.#resting.values()) timer[Symbol.dispose]();
    this.#resting.clear();
    this.#delayed.clear();
    this.#waiting.clear();
    this.#again.clear();
  }
}
