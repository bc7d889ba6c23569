import type { Clock, Timers } from '@berth/world';

/** A clock that moves when the test says so, and timers that ring then. */
export interface ManualWorld {
  readonly clock: Clock;
  readonly timers: Timers;
  advance(ms: number): void;
}

export function manualWorld(): ManualWorld {
  let nowMs = 0;
  const alarms = new Set<{ readonly atMs: number; readonly ring: () => void }>();
  const after = (delayMs: number, ring: () => void): Disposable => {
    const alarm = { atMs: nowMs + delayMs, ring };
    alarms.add(alarm);
    return { [Symbol.dispose]: () => alarms.delete(alarm) };
  };
  return {
    clock: { monotonicMs: () => nowMs, wallMs: () => Date.UTC(2026, 0, 1) + nowMs },
    timers: {
      after,
      every: () => {
        throw new Error('no part of scheduling repeats itself by the clock');
      },
      sleep: (delayMs) => new Promise((resolve) => after(delayMs, resolve)),
    },
    advance(ms) {
      nowMs += ms;
      for (const alarm of [...alarms].sort((left, right) => left.atMs - right.atMs)) {
        if (alarm.atMs > nowMs || !alarms.delete(alarm)) continue;
        alarm.ring();
      }
    },
  };
}
