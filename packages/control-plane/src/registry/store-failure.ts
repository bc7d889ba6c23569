import {
  ApiError,
  internalError,
  requestEntityTooLarge,
  serviceUnavailable,
  timedOut,
  tooManyRequests,
} from '@berth/api';
import { requestLimits, StoreError, type StoreErrorCode } from '@berth/store';

/** Clients wait this long before they try again, when trying again is what helps. */
const retryAfterSeconds = 1;

/**
 * What a client is told of each refusal of the store. Without a quorum there is no `Retry-After`: kubectl would try again
 * silently ten times, and nobody would learn why nothing happens.
 */
const answers: Readonly<Record<StoreErrorCode, (error: StoreError, doing: Doing) => ApiError>> = {
  unavailable: ({ message }, doing) =>
    serviceUnavailable(
      doing === 'write'
        ? `no quorum: ${message}; nothing was applied`
        : `no quorum: ${message}; what this server last knew can be read with ?consistency=stale`,
    ),
  timeout: ({ message }) => timedOut(message, 'unknown'),
  busy: ({ message }) => tooManyRequests(`${message}; nothing was applied`, retryAfterSeconds),
  'too-large': () => requestEntityTooLarge(requestLimits.txnBytes),
  'disk-full': ({ message }) => serviceUnavailable(`${message}; nothing was applied`),
  // The cause tells the loops of a leader that has been replaced to end, instead of trying again.
  fenced: (error) => new ApiError('Conflict', `${error.message}; nothing was applied`, undefined, { cause: error }),
  compacted: ({ message }) => new ApiError('Expired', message),
  'future-revision': ({ message }) => timedOut(message, 'not-applied'),
  'not-yet': ({ message }) => timedOut(message, 'not-applied'),
  invalid: (error) => internalError('the store refused the request', error),
  closed: () => serviceUnavailable('the server is shutting down', retryAfterSeconds),
};

export type Doing = 'read' | 'write';

/** Whatever went wrong, as a Status: an `ApiError` as it is, refusals of the store by the table, the rest as our fault. */
export function toApiError(error: unknown, doing: Doing): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof StoreError) return answers[error.code](error, doing);
  return internalError('an unexpected fault; the log of the server says more', error);
}
