/** One-shot and repeated timers. Whoever starts one keeps the handle and disposes of it. */
export interface Timers {
  /** Calls `run` once, not before `delayMs` have passed. */
  after(delayMs: number, run: () => void): Disposable;
  /** Calls `run` every `intervalMs`; ticks missed in a stall are lost, not replayed. */
  every(intervalMs: number, run: () => void): Disposable;
  /** Resolves after `delayMs`; rejects with the signal's reason when it is aborted first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}
