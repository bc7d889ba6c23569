/**
 * Why a request failed, as `metav1.Status.reason`. Closed: every refusal of Berth carries one of these.
 * `NotImplemented` is Berth's own; all others are those of Kubernetes.
 */
export type StatusReason =
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Expired'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'Invalid'
  | 'TooManyRequests'
  | 'InternalError'
  | 'ServerTimeout'
  | 'NotImplemented'
  | 'ServiceUnavailable'
  | 'Timeout';

export interface StatusReasonFacts {
  readonly httpCode: number;
  readonly meaning: string;
  /** Whether the same request, sent again without a change, may succeed. */
  readonly retry: boolean;
}

export const statusReasons: Readonly<Record<StatusReason, StatusReasonFacts>> = {
  BadRequest: { httpCode: 400, meaning: 'the request or its body cannot be understood', retry: false },
  Unauthorized: { httpCode: 401, meaning: 'no credential, or one that is not accepted', retry: false },
  Forbidden: { httpCode: 403, meaning: 'the requester is known and may not do this', retry: false },
  NotFound: { httpCode: 404, meaning: 'the object or the route does not exist', retry: false },
  MethodNotAllowed: { httpCode: 405, meaning: 'the resource does not offer this verb', retry: false },
  NotAcceptable: { httpCode: 406, meaning: 'none of the accepted forms of an answer is served', retry: false },
  AlreadyExists: { httpCode: 409, meaning: 'an object of this name exists', retry: false },
  Conflict: { httpCode: 409, meaning: 'the object is not what the request supposed', retry: false },
  Gone: { httpCode: 410, meaning: 'what was asked for existed and does so no longer', retry: false },
  Expired: {
    httpCode: 410,
    meaning: 'the resource version or continue token is older than the kept history',
    retry: false,
  },
  RequestEntityTooLarge: { httpCode: 413, meaning: 'the body is above the limit', retry: false },
  UnsupportedMediaType: { httpCode: 415, meaning: 'the body has a content type that is not read here', retry: false },
  Invalid: { httpCode: 422, meaning: 'fields of the object break rules; the causes name each', retry: false },
  TooManyRequests: { httpCode: 429, meaning: 'refused to protect the server or a disruption budget', retry: true },
  InternalError: { httpCode: 500, meaning: 'a fault of the server; its log tells more', retry: true },
  ServerTimeout: { httpCode: 500, meaning: 'the server could not do it in time; nothing was done', retry: true },
  NotImplemented: { httpCode: 501, meaning: 'Kubernetes defines it, Berth does not serve it', retry: false },
  ServiceUnavailable: {
    httpCode: 503,
    meaning: 'the server cannot serve now, e.g. no quorum; nothing was done',
    retry: true,
  },
  Timeout: { httpCode: 504, meaning: 'no outcome in time; a write may have been done', retry: true },
};
