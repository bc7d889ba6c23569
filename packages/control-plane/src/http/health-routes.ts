import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HealthCheck, Readiness } from './readiness.ts';

/** Answered to everybody: probes carry no credentials. `?verbose` lists the checks, `?exclude=NAME` leaves some out. */
export function healthRoutes(app: FastifyInstance, readiness: Readiness): void {
  app.get('/livez', (request, reply) => answer('livez', readiness.live(), request, reply));
  app.get('/readyz', (request, reply) => answer('readyz', readiness.ready(), request, reply));
  app.get('/healthz', (request, reply) => answer('healthz', readiness.live(), request, reply));
}

function answer(
  path: string,
  checks: readonly HealthCheck[],
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const query = request.query as Readonly<Record<string, string | string[] | undefined>>;
  const excluded = new Set([query['exclude'] ?? []].flat());
  const counted: HealthCheck[] = [{ name: 'ping', ok: true }, ...checks].filter((check) => !excluded.has(check.name));
  const failed = counted.some((check) => !check.ok);
  reply.header('content-type', 'text/plain; charset=utf-8').header('x-content-type-options', 'nosniff');
  if (!failed && query['verbose'] === undefined) return reply.code(200).send('ok');
  const lines = counted.map(({ name, ok, reason = '', disclosed }) =>
    ok ? `[+]${name} ok` : `[-]${name} failed: ${disclosed ? reason : 'reason withheld'}`,
  );
  const verdict = failed ? `${path} check failed` : `${path} check passed`;
  return reply.code(failed ? 500 : 200).send(`${[...lines, verdict].join('\n')}\n`);
}
