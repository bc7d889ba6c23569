import { ApiError } from './api-error.ts';

export function badRequest(message: string, options?: ErrorOptions): ApiError {
  return new ApiError('BadRequest', message, undefined, options);
}

export function unauthorized(): ApiError {
  return new ApiError('Unauthorized', 'Unauthorized');
}

/** No such path. */
export function routeNotFound(): ApiError {
  return new ApiError('NotFound', 'the server could not find the requested resource', {});
}

export function verbNotAllowed(): ApiError {
  return new ApiError('MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  return new ApiError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
}

export function notAcceptable(served: readonly string[]): ApiError {
  return new ApiError('NotAcceptable', `only the following media types are accepted: ${served.join(', ')}`);
}

export function requestEntityTooLarge(limitBytes: number): ApiError {
  return new ApiError('RequestEntityTooLarge', `Request entity too large: limit is ${limitBytes}`);
}

/** The history needed for a list or watch is gone; the client must list again. */
export function resourceVersionTooOld(asked: string, oldestKept: string): ApiError {
  return new ApiError('Expired', `too old resource version: ${asked} (${oldestKept})`);
}

/** The state at the asked revision does not exist yet, and did not come in time. */
export function resourceVersionTooLarge(asked: string, current: string): ApiError {
  const message = `Too large resource version: ${asked}, current: ${current}`;
  return new ApiError('Timeout', message, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

/**
 * A page of a list can no longer be exact. With `inconsistentContinue` the client may go on from there and
 * see what is there now.
 */
export function continueExpired(inconsistentContinue: string): ApiError {
  const error = new ApiError(
    'Expired',
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
      'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
      'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
      'deleted between the time the first chunk was returned and now may show up in the list.',
  );
  Object.assign(error.status, { metadata: { continue: inconsistentContinue } });
  return error;
}

export function gone(message: string): ApiError {
  return new ApiError('Gone', message);
}

export function tooManyRequests(message: string, retryAfterSeconds: number): ApiError {
  return new ApiError('TooManyRequests', message, { retryAfterSeconds });
}

/** Nothing was done and trying again may help. Without `retryAfterSeconds` clients show the error at once. */
export function serviceUnavailable(message: string, retryAfterSeconds?: number): ApiError {
  return new ApiError(
    'ServiceUnavailable',
    message,
    retryAfterSeconds === undefined ? undefined : { retryAfterSeconds },
  );
}

/** The outcome of a write is unknown, or a read did not end in time. */
export function timedOut(message: string, outcome: 'not-applied' | 'unknown'): ApiError {
  return new ApiError('Timeout', `Timeout: ${message}`, {
    causes: [
      {
        reason: 'UnexpectedServerResponse',
        message: outcome === 'unknown' ? 'the write may or may not have been applied' : 'nothing was applied',
      },
    ],
  });
}

export function notImplemented(what: string): ApiError {
  return new ApiError('NotImplemented', `${what} is not served by Berth yet`);
}

/** A fault of ours. `cause` goes to the log, never to the client. */
export function internalError(message: string, cause?: unknown): ApiError {
  return new ApiError(
    'InternalError',
    `Internal error occurred: ${message}`,
    { causes: [{ message }] },
    cause === undefined ? undefined : { cause },
  );
}
