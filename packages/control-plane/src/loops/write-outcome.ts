import { ApiError, type StatusReason } from '@berth/api';
import { StoreError } from '@berth/store';

/** What a failed write means for the loop that wanted it. */
export type WriteFailure =
  /** The cluster is no longer as the plan supposed: look again. */
  | 'conflict'
  /** The object breaks a rule: somebody must change something first. */
  | 'refused'
  /** What was to be made belongs to a namespace that is going: nothing is to be done any more. */
  | 'moot'
  /** Not done; the same may work later. */
  | 'unavailable'
  /** Perhaps done: look at what became of it before anything else. */
  | 'unknown'
  /** Another leader reigns: this loop is over. */
  | 'fenced';

const failures: Readonly<Record<StatusReason, WriteFailure>> = {
  Conflict: 'conflict',
  AlreadyExists: 'conflict',
  NotFound: 'conflict',
  Gone: 'conflict',
  Expired: 'conflict',
  BadRequest: 'refused',
  Unauthorized: 'refused',
  Forbidden: 'refused',
  MethodNotAllowed: 'refused',
  NotAcceptable: 'refused',
  RequestEntityTooLarge: 'refused',
  UnsupportedMediaType: 'refused',
  Invalid: 'refused',
  NotImplemented: 'refused',
  TooManyRequests: 'unavailable',
  ServerTimeout: 'unavailable',
  ServiceUnavailable: 'unavailable',
  InternalError: 'unknown',
  Timeout: 'unknown',
};

export function failureOf(error: unknown): WriteFailure {
  if (isFenced(error)) return 'fenced';
  if (!(error instanceof ApiError)) return 'unknown';
  return isNamespaceGoing(error) ? 'moot' : failures[error.reason];
}

/** The registry wraps what the store said. */
function isFenced(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof StoreError && cause.code === 'fenced') return true;
  }
  return false;
}

function isNamespaceGoing({ status }: ApiError): boolean {
  return status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') === true;
}
