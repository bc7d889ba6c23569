import type { TLSSocket } from 'node:tls';
import { ApiError, unauthorized } from '@berth/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { presentedCertificate } from './authentication.ts';
import { type Parsed, parseJoinRequest, parseRenewRequest } from './join-messages.ts';
import type { JoinService, Refusal } from './join-service.ts';

export interface JoinRoutesOptions {
  readonly service: JoinService;
  readonly caCertificate: string;
}

const bodyBytesMax = 64 * 1024;

/** The doors of docs/join-protocol.md that open without an accepted identity. They prove the caller in their own way. */
export function joinRoutes(app: FastifyInstance, { service, caCertificate }: JoinRoutesOptions): void {
  app.get('/berth/v1/ca', async () => ({ caCertificate }));

  app.post('/berth/v1/join', { bodyLimit: bodyBytesMax }, async (request, reply) => {
    const outcome = await service.join(accept(parseJoinRequest(request.body)), request.ip);
    if (outcome.kind === 'refused') throw refusal(outcome, reply);
    return outcome.response;
  });

  app.post('/berth/v1/certificates/renew', { bodyLimit: bodyBytesMax }, async (request, reply) => {
    const presented = presentedCertificate(tlsSocket(request), caCertificate);
    if (presented === undefined) throw unauthorized();
    const outcome = await service.renew(presented, accept(parseRenewRequest(request.body)));
    if (outcome.kind === 'refused') throw refusal(outcome, reply);
    return outcome.response;
  });
}

function accept<T>(parsed: Parsed<T>): T {
  if ('fault' in parsed) throw new ApiError('BadRequest', parsed.fault);
  return parsed.value;
}

function refusal({ reason, message, retryAfterSeconds }: Refusal, reply: FastifyReply): ApiError {
  if (retryAfterSeconds === undefined) return new ApiError(reason, message);
  void reply.header('retry-after', String(retryAfterSeconds));
  return new ApiError(reason, message, { retryAfterSeconds });
}

/** HTTP/2 keeps the connection one level deeper. */
function tlsSocket(request: FastifyRequest): TLSSocket {
  const stream = (request.raw as { readonly stream?: { readonly session?: { readonly socket?: TLSSocket } } }).stream;
  return stream?.session?.socket ?? (request.raw.socket as TLSSocket);
}
