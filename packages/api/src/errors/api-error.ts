import type { Status, StatusDetails } from '../meta/v1/status.ts';
import { type StatusReason, statusReasons } from './status-reason.ts';

/** A refusal as the client will see it. Thrown inside the server, answered as `status` by the HTTP edge. */
export class ApiError extends Error {
  readonly reason: StatusReason;
  readonly code: number;
  readonly status: Status & { readonly code: number };

  constructor(reason: StatusReason, message: string, details?: StatusDetails, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ApiError';
    this.reason = reason;
    this.code = statusReasons[reason].httpCode;
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      ...(details === undefined ? {} : { details }),
      code: this.code,
    };
  }
}
