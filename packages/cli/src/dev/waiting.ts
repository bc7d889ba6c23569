import { existsSync, readFileSync } from 'node:fs';
import type { World } from '@berth/world';
import { isAlive, type LaunchedProcess } from './launched-process.ts';

const pollIntervalMs = 50;
const logLinesShown = 15;

/** A process that must live while we wait; its log explains why it does not. */
export interface WatchedProcess {
  readonly launched: LaunchedProcess;
  readonly logFile: string;
}

export interface Awaited {
  readonly what: string;
  readonly timeoutMs: number;
  readonly processes?: readonly WatchedProcess[];
  /** Ends the waiting with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Asks again and again until `probe` answers something; failures of the probe count as "not yet". */
export async function waitFor<T>(world: World, awaited: Awaited, probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = world.clock.monotonicMs() + awaited.timeoutMs;
  let lastError: unknown;
  for (;;) {
    awaited.signal?.throwIfAborted();
    try {
      const answer = await probe();
      if (answer !== undefined) return answer;
    } catch (error) {
      lastError = error;
    }
    const dead = awaited.processes?.find(({ launched }) => !isAlive(launched));
    if (dead !== undefined)
      throw new Error(`${awaited.what}: the process ended; the end of ${dead.logFile}:\n${endOf(dead.logFile)}`);
    if (world.clock.monotonicMs() > deadline) {
      const reason = lastError instanceof Error ? `; last: ${lastError.message}` : '';
      throw new Error(`${awaited.what}: not within ${Math.round(awaited.timeoutMs / 1000)} s${reason}`);
    }
    await world.timers.sleep(pollIntervalMs);
  }
}

function endOf(logFile: string): string {
  if (!existsSync(logFile)) return '';
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-logLinesShown).join('\n');
}
