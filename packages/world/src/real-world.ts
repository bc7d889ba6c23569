import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleepMs } from 'node:timers/promises';
import type { World } from './world.ts';

/** The world of this process: its clock, its event loop, the kernel's random numbers. */
export const realWorld: World = {
  clock: {
    monotonicMs: () => performance.now(),
    wallMs: () => Date.now(),
  },
  timers: {
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs);
      return { [Symbol.dispose]: () => clearTimeout(timer) };
    },
    every(intervalMs, run) {
      const timer = setInterval(run, intervalMs);
      return { [Symbol.dispose]: () => clearInterval(timer) };
    },
    async sleep(delayMs, signal) {
      await sleepMs(delayMs, undefined, signal === undefined ? undefined : { signal });
    },
  },
  random: {
    bytes: (count) => randomBytes(count),
    integer: (below) => randomInt(below),
    uuid: () => randomUUID(),
  },
};
