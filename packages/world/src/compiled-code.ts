import { flushCompileCache } from 'node:module';

/** After a start there is more urgent work; and what the first work needs is compiled by then, too. */
const settledMs = 10_000;

/**
 * Writes down what the calling thread has compiled, some time after it began, where Node keeps such things; does nothing where it keeps none. By
 * itself it writes at an orderly end only, so that whoever was killed would read, strip and compile all sources again, which is half the processor
 * time of a start. Takes 20 to 100 ms, once per version. Keeps no process alive.
 */
export function keepCompiledCode(afterMs: number = settledMs): void {
  setTimeout(flushCompileCache, afterMs).unref();
}
