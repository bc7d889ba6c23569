import { realWorld, type World } from '@berth/world';

export interface ShiftedWorld extends World {
  /** Moves the wall clock and the monotonic clock on. */
  advance(ms: number): void;
}

/** The real world with clocks that can be put forward. */
export function shiftedWorld(): ShiftedWorld {
  let shiftMs = 0;
  return {
    ...realWorld,
    clock: {
      monotonicMs: () => realWorld.clock.monotonicMs() + shiftMs,
      wallMs: () => realWorld.clock.wallMs() + shiftMs,
    },
    advance(ms) {
      shiftMs += ms;
    },
  };
}
