export interface LoadPlan {
  readonly endpoint: string;
  readonly kind: 'write' | 'read' | 'stale-read' | 'batch' | 'fill';
  /** Requests under way at once. */
  readonly clients: number;
  readonly warmUpMs: number;
  readonly runMs: number;
  /** Requests begun per second, whatever became of those before; undefined: each client goes on when it was answered. */
  readonly ratePerSecond: number | undefined;
  readonly valueBytes: number;
  /** Ends when so many were answered, whatever the time. */
  readonly requestsMax?: number;
}

export interface LoadOutcome {
  /** Within the run, without the warm-up. */
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Also those of the warm-up. */
  readonly requests: number;
  readonly failures: number;
}

export const batchOperations = 32;
export const fillKeys = 100_000;

export function keyNumber(number: number): string {
  return `/bench/${String(number).padStart(8, '0')}`;
}
