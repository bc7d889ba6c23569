import type { AddressInfo } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import { routeNotFound } from '@berth/api';
import type { FastifyInstance, FastifyPluginCallback } from 'fastify';
import type { ObjectCache } from '../registry/object-cache.ts';
import { ActiveRequests } from './active-requests.ts';
import { ConcurrencyLimit } from './concurrency-limit.ts';
import { discoveryRoutes } from './discovery-routes.ts';
import { answerError } from './error-answer.ts';
import { EventEncodings } from './event-encoding.ts';
import { healthRoutes } from './health-routes.ts';
import { listeningApp, secureContext, trackSessions } from './listening-app.ts';
import { OpenStreams } from './open-streams.ts';
import { openApiRoutes } from './openapi-routes.ts';
import { type RequestHooks, requestHooks } from './request-hooks.ts';
import { createRequestMetrics } from './request-metrics.ts';
import { resourceRoutes } from './resource-routes.ts';
import { type ApiServerOptions, defaultLimits, type ServerLimits, type TlsOptions } from './server-options.ts';
import type { ServerParts } from './server-parts.ts';
import { serverVersion } from './server-version.ts';

export interface ApiServer extends AsyncDisposable {
  /** Takes requests without a connection, which is how tests ask. */
  readonly app: FastifyInstance;
  /** `port` 0 takes a free one. */
  listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }>;
  /** From the next connection on; open ones keep what they have. */
  replaceCertificate(tls: TlsOptions): void;
}

/** What is at work when the server closes is given this long to end. */
const closingGraceMs = 2_000;

/** The HTTPS edge: every route of the API on one listener. */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const limits: ServerLimits = { ...defaultLimits, ...options.limits };
  const app = listeningApp(options, limits);
  const active = new ActiveRequests();
  const streams = new OpenStreams();
  const metrics = createRequestMetrics(options.metrics);
  const server: ServerParts = { ...options, limits, streams, metrics, encodings: new EventEncodings() };
  const { kinds } = options.registry;
  const hooks = requestHooks({ ...options, kinds, metrics, active, limits: concurrencyLimits(limits) });
  metrics.observeInflight(hooks.inflight);
  metrics.observeObjects(() => countObjects(options.cache));

  app.addHook('onRequest', hooks.begin);
  const errorParts = { bodyBytesMax: limits.bodyBytes, timers: options.world.timers };
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, errorParts));
  app.setNotFoundHandler(async (request) => {
    await hooks.admit(request);
    throw routeNotFound();
  });
  await app.register(scoped((open) => openRoutes(open, options)));
  await app.register(scoped((guarded) => guardedRoutes(guarded, options, server, hooks)));

  const sessions = trackSessions(app);
  app.addHook('preClose', async () => {
    streams.endAll();
    sessions.endAll();
    const patience = Promise.withResolvers<void>();
    using _limit = options.world.timers.after(closingGraceMs, patience.resolve);
    await Promise.race([active.whenIdle(), patience.promise]);
  });
  await app.ready();
  return {
    app,
    async listen(host, port) {
      await app.listen({ host, port });
      const { address, port: bound } = app.server.address() as AddressInfo;
      return { host: address, port: bound };
    },
    replaceCertificate: (tls) => (app.server as unknown as TlsServer).setSecureContext(secureContext(tls)),
    [Symbol.asyncDispose]: () => app.close(),
  };
}

/** For everybody, without a credential. */
async function openRoutes(app: FastifyInstance, options: ApiServerOptions): Promise<void> {
  healthRoutes(app, options.readiness);
  app.get('/version', (_request, reply) => reply.header('content-type', 'application/json').send(versionBytes));
  await options.extend?.open?.(app);
}

/** Only for those who are known and permitted. */
async function guardedRoutes(
  app: FastifyInstance,
  options: ApiServerOptions,
  server: ServerParts,
  hooks: RequestHooks,
): Promise<void> {
  const kinds = server.registry.kinds.all;
  app.addHook('onRequest', hooks.admit);
  discoveryRoutes(app, kinds, options.clusterInfo.advertisedAddress);
  openApiRoutes(app, kinds);
  await options.extend?.guarded?.(app);
  await app.register(scoped(async (resources) => resourceRoutes(resources, server)));
}

/** Routes with hooks and body parsers of their own. */
function scoped(routes: (app: FastifyInstance) => Promise<void>): FastifyPluginCallback {
  return (app, _options, done) => {
    routes(app).then(() => done(), done);
  };
}

function countObjects(cache: ObjectCache): ReadonlyMap<string, number> {
  return new Map(cache.resources().map((resource) => [resource, cache.list(resource).length]));
}

const versionBytes = Buffer.from(JSON.stringify(serverVersion, null, 2));

function concurrencyLimits(limits: ServerLimits) {
  return {
    mutating: new ConcurrencyLimit(limits.mutatingRequests),
    readOnly: new ConcurrencyLimit(limits.readOnlyRequests),
    longRunning: new ConcurrencyLimit(limits.longRunningRequests),
  };
}
