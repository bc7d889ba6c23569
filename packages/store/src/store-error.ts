export type StoreErrorCode =
  | 'unavailable'
  | 'timeout'
  | 'busy'
  | 'too-large'
  | 'disk-full'
  | 'fenced'
  | 'compacted'
  | 'future-revision'
  | 'not-yet'
  | 'invalid'
  | 'closed';

export interface StoreErrorFacts {
  /** Whether trying again without a condition is safe: `not-applied` was certainly not done, `unknown` may have been. */
  readonly outcome: 'not-applied' | 'unknown';
  /** Whether the same request may succeed later. */
  readonly retry: boolean;
  readonly meaning: string;
}

/** Everything a store may refuse, closed. */
export const storeErrors: Readonly<Record<StoreErrorCode, StoreErrorFacts>> = {
  unavailable: { outcome: 'not-applied', retry: true, meaning: 'no leader, or this server cannot reach one' },
  timeout: { outcome: 'unknown', retry: true, meaning: 'no answer in time; the write may still be applied' },
  busy: { outcome: 'not-applied', retry: true, meaning: 'too many writes are waiting' },
  'too-large': { outcome: 'not-applied', retry: false, meaning: 'the transaction is larger than the limit' },
  'disk-full': { outcome: 'not-applied', retry: true, meaning: 'the disk of a quorum is full' },
  fenced: { outcome: 'not-applied', retry: false, meaning: 'decided under a leadership that has ended' },
  compacted: { outcome: 'not-applied', retry: false, meaning: 'the revision is below the kept history' },
  'future-revision': { outcome: 'not-applied', retry: true, meaning: 'the revision does not exist yet' },
  'not-yet': { outcome: 'not-applied', retry: true, meaning: 'this server has not applied the revision in time' },
  invalid: { outcome: 'not-applied', retry: false, meaning: 'the request breaks the contract' },
  closed: { outcome: 'unknown', retry: false, meaning: 'the store is shutting down' },
};

export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}
