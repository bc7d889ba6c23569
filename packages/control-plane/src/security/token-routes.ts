import { ApiError } from '@berth/api';
import type { Clock } from '@berth/world';
import type { FastifyInstance } from 'fastify';
import type { Parsed } from './join-messages.ts';
import type { TokenRole } from './join-token.ts';
import {
  descriptionLengthMax,
  isExpired,
  type NewToken,
  type TokenLedger,
  type TokenRecord,
  tokenTtlSeconds,
} from './token-ledger.ts';

export interface TokenRoutesOptions {
  readonly ledger: TokenLedger;
  readonly clock: Clock;
}

/** What `berth token` speaks. To be registered behind the authorisation of the API: administrators only. */
export function tokenRoutes(app: FastifyInstance, { ledger, clock }: TokenRoutesOptions): void {
  app.post('/berth/v1/tokens', async (request, reply) => {
    const parsed = parseNewToken(request.body);
    if ('fault' in parsed) throw new ApiError('BadRequest', parsed.fault);
    const created = await ledger.create(parsed.value);
    if (created === undefined)
      throw new ApiError('TooManyRequests', 'there are too many join tokens: revoke those that are not needed');
    void reply.code(201);
    return { token: created.text, ...printed(created.record) };
  });

  app.get('/berth/v1/tokens', async () => {
    const tokens = await ledger.list();
    return { items: tokens.map((token) => ({ ...printed(token), expired: isExpired(token, clock.wallMs()) })) };
  });

  app.delete<{ Params: { id: string } }>('/berth/v1/tokens/:id', async (request) => {
    const { id } = request.params;
    if (!/^[a-z0-9]{10}$/.test(id) || !(await ledger.revoke(id)))
      throw new ApiError(
        'NotFound',
        `there is no join token ${JSON.stringify(id)}: name it by the id that "berth token list" shows`,
      );
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name: id, kind: 'tokens' } };
  });
}

const roles: readonly TokenRole[] = ['server', 'agent'];

function parseNewToken(body: unknown): Parsed<NewToken> {
  if (typeof body !== 'object' || body === null) return { fault: 'the body must be a JSON object' };
  const {
    role: roleText,
    ttlSeconds = tokenTtlSeconds.default,
    description = '',
  } = body as Readonly<Record<string, unknown>>;
  const role = roles.find((known) => known === roleText);
  if (role === undefined) return { fault: `role: must be "server" or "agent", got ${JSON.stringify(roleText)}` };
  const { min, max } = tokenTtlSeconds;
  if (!Number.isInteger(ttlSeconds) || Number(ttlSeconds) < min || Number(ttlSeconds) > max)
    return { fault: `ttlSeconds: must be a whole number from ${min} to ${max}, got ${JSON.stringify(ttlSeconds)}` };
  if (typeof description !== 'string' || description.length > descriptionLengthMax)
    return { fault: `description: must be a text of at most ${descriptionLengthMax} characters` };
  return { value: { role, ttlSeconds: Number(ttlSeconds), description } };
}

function printed({ id, role, description, createdMs, expiresMs }: TokenRecord): Readonly<Record<string, string>> {
  return {
    id,
    role,
    description,
    createdAt: new Date(createdMs).toISOString(),
    expiresAt: new Date(expiresMs).toISOString(),
  };
}
