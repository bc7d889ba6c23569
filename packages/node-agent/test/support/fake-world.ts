import { createHash } from 'node:crypto';
import type { Clock, Random, Timers, World } from '@berth/world';

interface Alarm {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

const epochMs = 1_700_000_000_000;

/** A world whose time moves only when a test moves it. */
export class FakeWorld implements World {
  #nowMs = epochMs;
  #order = 0;
  readonly #alarms = new Set<Alarm>();
  #drawn = 0;

  /** How far somebody has set the clock on the wall wrong. */
  wallErrorMs = 0;

  readonly clock: Clock = {
    monotonicMs: () => this.#nowMs - epochMs,
    wallMs: () => this.#nowMs + this.wallErrorMs,
  };

  readonly timers: Timers = {
    after: (delayMs: number, run: () => void) => this.#set(delayMs, run),
    every: (intervalMs: number, run: () => void) => {
      let alarm: Disposable;
      const again = () => {
        alarm = this.#set(intervalMs, again);
        run();
      };
      alarm = this.#set(intervalMs, again);
      return { [Symbol.dispose]: () => alarm[Symbol.dispose]() };
    },
    sleep: (delayMs: number, signal?: AbortSignal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const alarm = this.#set(delayMs, resolve);
        signal?.addEventListener('abort', () => {
          alarm[Symbol.dispose]();
          reject(signal.reason);
        });
      }),
  };

  readonly random: Random = {
    bytes: (count: number) => this.#draw(count),
    integer: (below: number) => Buffer.from(this.#draw(4)).readUInt32BE(0) % below,
    uuid: () => {
      const hex = Buffer.from(this.#draw(16)).toString('hex');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };

  /** Lets everything happen that is due until then, in order. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    for (;;) {
      const next = [...this.#alarms].sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0];
      if (next === undefined || next.dueMs > endMs) break;
      this.#alarms.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.run();
      await settle();
    }
    this.#nowMs = endMs;
  }

  #set(delayMs: number, run: () => void): Disposable {
    const alarm = { dueMs: this.#nowMs + delayMs, order: this.#order++, run };
    this.#alarms.add(alarm);
    return { [Symbol.dispose]: () => this.#alarms.delete(alarm) };
  }

  #draw(count: number): Uint8Array {
    this.#drawn += 1;
    return createHash('sha256').update(String(this.#drawn)).digest().subarray(0, count);
  }
}

/** Lets all promises that can go on do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
