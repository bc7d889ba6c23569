import { type ApiError, badRequest, requestEntityTooLarge, unsupportedMediaType } from '@berth/api';
import type { Timers } from '@berth/world';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toApiError } from '../registry/store-failure.ts';
import { type Answer, statusAnswer } from './answer.ts';
import { bodyMediaTypes } from './request-body.ts';
import { discardBody } from './unwanted-body.ts';

/** Refusals of the HTTP framework itself, which must reach the client as a Status too. */
const frameworkRefusals: Readonly<Record<string, (bodyBytesMax: number) => ApiError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: requestEntityTooLarge,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => unsupportedMediaType(bodyMediaTypes),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => badRequest('the body is not as long as its Content-Length says'),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => badRequest('the body must not be empty'),
  FST_ERR_CTP_INVALID_JSON_BODY: () => badRequest('the body is not valid JSON'),
  FST_ERR_BAD_URL: () => badRequest('the path is not a valid URL'),
};

export interface ErrorAnswerParts {
  readonly bodyBytesMax: number;
  readonly timers: Timers;
}

/** Any failure of a request as a Status; faults of ours go to the log with their cause, never to the client. */
export async function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { bodyBytesMax, timers }: ErrorAnswerParts,
): Promise<void> {
  const code = (error as { readonly code?: unknown } | null)?.code;
  const known = typeof code === 'string' ? frameworkRefusals[code] : undefined;
  const refusal =
    known === undefined ? toApiError(error, request.method === 'GET' ? 'read' : 'write') : known(bodyBytesMax);
  if (refusal.reason === 'InternalError') request.log.error({ err: refusal.cause ?? error }, refusal.message);
  if (refusal.reason === 'RequestEntityTooLarge') await discardBody(request.raw, timers);
  send(reply, statusAnswer(refusal));
}

/** Writes an answer, unless its handler has done so itself. Nothing of the API may be cached on the way. */
export function send(reply: FastifyReply, answer: Answer): void {
  if (answer.kind === 'streamed') return;
  const { code, contentType, body, headers = {} } = answer;
  void reply
    .code(code)
    .headers({ 'cache-control': 'no-cache, private', 'content-type': contentType, ...headers })
    .send(body);
}
