export type { Clock } from './clock.ts';
export { keepCompiledCode } from './compiled-code.ts';
export { raisePriority } from './raise-priority.ts';
export type { Random } from './random.ts';
export { realWorld } from './real-world.ts';
export type { Timers } from './timers.ts';
export type { World } from './world.ts';
