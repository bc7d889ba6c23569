import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';

export interface Awaited<T> {
  /** A sentence: what must become true. */
  readonly what: string;
  readonly withinMs: number;
  look(): Promise<T> | T;
  isSo(seen: T): boolean;
}

const lookEveryMs = 50;

/** Looks until it is so and answers what was seen. A look that fails counts as "not yet". When time is up, tells what was seen last. */
export async function until<T>({ what, withinMs, look, isSo }: Awaited<T>): Promise<T> {
  const deadline = performance.now() + withinMs;
  let last = 'nothing';
  for (;;) {
    try {
      const seen = await look();
      if (isSo(seen)) return seen;
      last = typeof seen === 'string' ? seen : inspect(seen, { depth: 6, breakLength: 120 });
    } catch (error) {
      last = String(error);
    }
    if (performance.now() > deadline) throw new Error(`${what}: not within ${seconds(withinMs)}; last seen: ${last}`);
    await pause(lookEveryMs);
  }
}

/** `12.3 s` */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** How long something took, in milliseconds. */
export async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}
