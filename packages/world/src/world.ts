import type { Clock } from './clock.ts';
import type { Random } from './random.ts';
import type { Timers } from './timers.ts';

/** The ports through which a shell sees the outside: real in production, seeded in the simulation. */
export interface World {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
}
