import { ApiError, statusReasons } from '@berth/api';
import type { Timers } from '@berth/world';

const firstPauseMs = 100;
const longestPauseMs = 5_000;

/** Whether the same write may succeed later. An error that is no `ApiError` is a fault of ours and not tried again. */
export function mayRetry(error: unknown): boolean {
  return error instanceof ApiError && (error.reason === 'Conflict' || statusReasons[error.reason].retry);
}

/** 100 ms, doubling to 5 s. `attempt` counts from 0. Rejects when the signal is aborted. */
export function retryPause(timers: Timers, attempt: number, signal: AbortSignal): Promise<void> {
  return timers.sleep(Math.min(firstPauseMs * 2 ** attempt, longestPauseMs), signal);
}
