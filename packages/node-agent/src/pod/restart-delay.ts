/** Kubernetes' numbers: the first restart is immediate, then 10 s, doubling up to 5 minutes; 10 minutes of running forgive everything. */
const firstSeconds = 10;
const longestSeconds = 300;
const forgivenAfterMs = 600_000;

export interface EndedRun {
  /** Absent when the program never ran. */
  readonly startedAtMs?: number;
  readonly finishedAtMs: number;
  /** The delay that was decided when this attempt was made. */
  readonly backoffSeconds: number;
}

/** Seconds between the end of a run and the next attempt. */
export function restartDelaySeconds(run: EndedRun): number {
  const ranMs = run.finishedAtMs - (run.startedAtMs ?? run.finishedAtMs);
  return ranMs >= forgivenAfterMs ? 0 : run.backoffSeconds;
}

/** The delay after the next one: kept with the attempt that is made after `delaySeconds`. */
export function nextBackoffSeconds(delaySeconds: number): number {
  return delaySeconds === 0 ? firstSeconds : Math.min(delaySeconds * 2, longestSeconds);
}

/** For failures that leave no container behind (pulls, volumes, sandboxes): same series, without the free first try. */
export function retryDelayMs(failures: number): number {
  return Math.min(firstSeconds * 2 ** Math.max(0, failures - 1), longestSeconds) * 1000;
}
