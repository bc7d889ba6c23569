import type { ApiError } from '@berth/api';

/** What a handler answers. `streamed` means that it has written the response itself. */
export type Answer =
  | {
      readonly kind: 'whole';
      readonly code: number;
      readonly contentType: string;
      readonly body: Uint8Array;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'streamed' };

function jsonAnswer(value: unknown, code = 200): Answer {
  return { kind: 'whole', code, contentType: 'application/json', body: Buffer.from(JSON.stringify(value)) };
}

/** A refusal as every client of Kubernetes understands it: always JSON, whatever was accepted. */
export function statusAnswer(error: ApiError): Answer {
  const retryAfterSeconds = error.status.details?.retryAfterSeconds;
  return {
    ...(jsonAnswer(error.status, error.code) as Extract<Answer, { kind: 'whole' }>),
    ...(retryAfterSeconds === undefined ? {} : { headers: { 'retry-after': String(retryAfterSeconds) } }),
  };
}

/** `Success`, for what has no object to show. */
export function successAnswer(
  code: number,
  details?: { readonly name: string; readonly group?: string; readonly kind: string; readonly uid?: string },
): Answer {
  return jsonAnswer(
    {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      ...(details === undefined ? {} : { details }),
      ...(details === undefined ? { code } : {}),
    },
    code,
  );
}
