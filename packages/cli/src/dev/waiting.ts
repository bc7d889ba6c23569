import { readFileSync } from 'node:fs';
import type { World } from '@berth/world';
import { isAlive, type LaunchedProcess } from './launched-process.ts';

const pollIntervalMs = 40;

export interface Awaited {
  readonly what: string;
  readonly timeoutMs: number;
  /** A process that must live while we wait; its log explains why it does not. */
  readonly process?: { readonly launched: LaunchedProcess; readonly logFile: string };
}

/** Asks again and again until `probe` answers something; failures of the probe count as "not yet". */
export async function waitFor<T>(world: World, awaited: Awaited, probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = world.clock.monotonicMs() + awaited.timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined) return answer;
    } catch (error) {
      lastError = error;
    }
    if (awaited.process !== undefined && !isAlive(awaited.process.launched)) {
      throw new Error(
        `${awaited.what}: the process ended; the end of ${awaited.process.logFile}:\n${endOf(awaited.process.logFile)}`,
      );
    }
    if (world.clock.monotonicMs() > deadline) {
      const reason = lastError instanceof Error ? `; last: ${lastError.message}` : '';
      throw new Error(`${awaited.what}: not within ${Math.round(awaited.timeoutMs / 1000)} s${reason}`);
    }
    await world.timers.sleep(pollIntervalMs);
  }
}

function endOf(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
}
