import { constants } from 'node:crypto';
import type { Http2SecureServer, Http2Server, ServerHttp2Session } from 'node:http2';
import { type FastifyInstance, fastify, LogController } from 'fastify';
import type { ApiServerOptions, ServerLimits, TlsOptions } from './server-options.ts';

/** A connection that says nothing may stay, half a request may not. */
const requestTimeoutMs = 60_000;
const keepAliveMs = 72_000;
/** Peers that vanished without a word are found by TCP. */
const tcpKeepAliveMs = 30_000;

/** The HTTP framework, set up for the API, without routes. */
export function listeningApp(options: ApiServerOptions, limits: ServerLimits): FastifyInstance {
  const { tls, log, world } = options;
  const common = {
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes,
    forceCloseConnections: true,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    exposeHeadRoutes: false,
    genReqId: () => world.random.uuid(),
    routerOptions: { maxParamLength: 1_000 },
  } as const;
  if (tls === undefined) return fastify(common) as unknown as FastifyInstance;
  const https = {
    ...secureContext(tls),
    // Who joins has no certificate yet: authentication refuses what TLS cannot vouch for.
    requestCert: true,
    rejectUnauthorized: false,
    keepAlive: true,
    keepAliveInitialDelay: tcpKeepAliveMs,
  } as const;
  if (tls.http2 !== true) return fastify({ ...common, https }) as unknown as FastifyInstance;
  return fastify({ ...common, http2: true, https: { ...https, allowHTTP1: true } }) as unknown as FastifyInstance;
}

export function secureContext({ key, cert, ca }: TlsOptions): {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
  readonly minVersion: 'TLSv1.2';
  readonly secureOptions: number;
} {
  return { key, cert, ca, minVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_RENEGOTIATION };
}

/**
 * HTTP/2 sessions stay open by themselves, and a server with one never closes: they are noted, and ended when asked. Without HTTP/2
 * there are none.
 */
export function trackSessions(app: FastifyInstance): { endAll(): void } {
  const sessions = new Set<ServerHttp2Session>();
  const server = app.server as unknown as Http2SecureServer | Http2Server;
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  return {
    endAll() {
      for (const session of sessions) session.close();
    },
  };
}
