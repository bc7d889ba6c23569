import type { TLSSocket } from 'node:tls';
import { ApiError, accessDenied, pathDenied, tooManyRequests, unauthorized } from '@berth/api';
import type { Store } from '@berth/store';
import type { World } from '@berth/world';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { KindTable } from '../registry/kind-table.ts';
import type { Query } from '../registry/list-options.ts';
import type { Requester } from '../registry/registry.ts';
import type { Authenticate, Authorize, RequestAttributes } from './access.ts';
import { logAccess } from './access-log.ts';
import type { ActiveRequests } from './active-requests.ts';
import type { ConcurrencyLimit } from './concurrency-limit.ts';
import type { RequestMetrics } from './request-metrics.ts';
import { setState, stateOf } from './request-state.ts';
import { type RequestTarget, requestTarget } from './request-target.ts';
import type { ResourcePath } from './resource-path.ts';
import type { ClusterInfo } from './server-options.ts';

export interface RequestHooks {
  /** First of all: notes what the request is about, and counts and logs it when its response is closed, hijacked or not. */
  begin(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Establishes who asks and whether they may; refuses with 401, 403, or 429 when too much is going on. */
  admit(request: FastifyRequest): Promise<void>;
  inflight(): Readonly<Record<'mutating' | 'readOnly', number>>;
}

export interface RequestHooksOptions {
  readonly authenticate: Authenticate;
  readonly authorize: Authorize;
  readonly limits: Readonly<Record<RequestTarget['kind'], ConcurrencyLimit>>;
  readonly metrics: RequestMetrics;
  readonly active: ActiveRequests;
  readonly kinds: KindTable;
  readonly store: Store;
  readonly clusterInfo: ClusterInfo;
  readonly world: World;
}

const retryAfterSeconds = 1;

export function requestHooks(options: RequestHooksOptions): RequestHooks {
  const { limits, metrics, world } = options;
  return {
    async begin(request, reply) {
      const target = requestTarget(request.method, request.url, request.query as Query, (path) =>
        isServed(options.kinds, path),
      );
      const state = { startedMs: world.clock.monotonicMs(), target, requester: undefined, place: undefined };
      setState(request, state);
      describeServer(options, request, reply);
      options.active.begin();
      if (target.kind === 'longRunning') metrics.longRunning(target.labels, 1);
      reply.raw.once('close', () => {
        options.active.end();
        finish(request, reply, metrics, world);
      });
    },
    async admit(request) {
      const state = stateOf(request);
      state.requester = await identify(options.authenticate, request);
      await permit(options.authorize, state.requester, state.target.attributes);
      const place = limits[state.target.kind].enter();
      if (place === undefined) throw tooManyRequests('Too many requests, please try again later.', retryAfterSeconds);
      state.place = place;
    },
    inflight: () => ({ mutating: limits.mutating.running, readOnly: limits.readOnly.running }),
  };
}

function isServed(kinds: KindTable, { group, version, plural, subresource }: ResourcePath): boolean {
  const kind = kinds.at(group, version, plural);
  if (kind === undefined || subresource === undefined) return kind !== undefined;
  return kind.subresources.some(({ name }) => name === subresource);
}

/** Who answered, under which id it stands in the log, and whether this server has a leader to ask. */
function describeServer(
  { store, clusterInfo }: RequestHooksOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  void reply.headers({
    'audit-id': request.id,
    'berth-served-by': clusterInfo.serverName,
    'berth-known-leader': String(store.status().leadership.kind !== 'leaderless'),
  });
}

function finish(request: FastifyRequest, reply: FastifyReply, metrics: RequestMetrics, world: World): void {
  const { startedMs, target, place } = stateOf(request);
  place?.[Symbol.dispose]();
  const elapsedMs = world.clock.monotonicMs() - startedMs;
  if (target.kind === 'longRunning') metrics.longRunning(target.labels, -1);
  metrics.finished(target.labels, reply.raw.statusCode, elapsedMs / 1000);
  logAccess(request, reply.raw.statusCode, elapsedMs);
}

async function identify(authenticate: Authenticate, request: FastifyRequest): Promise<Requester> {
  const requester = await authenticate({ socket: tlsSocket(request), authorization: request.headers.authorization });
  if (requester === undefined) throw unauthorized();
  return requester;
}

async function permit(authorize: Authorize, requester: Requester, attributes: RequestAttributes): Promise<void> {
  const { allowed, reason } = await authorize(requester, attributes);
  if (allowed) return;
  const refusal = refusalOf(requester, attributes);
  if (reason === undefined) throw refusal;
  throw new ApiError('Forbidden', `${refusal.message}: ${reason}`, refusal.status.details);
}

function refusalOf({ user }: Requester, { verb, path, resource }: RequestAttributes): ApiError {
  if (resource === undefined) return pathDenied(user, verb, path);
  const { group, plural, subresource, namespace, name } = resource;
  return accessDenied({
    user,
    verb,
    resource: { group, resource: plural },
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  });
}

/** HTTP/2 keeps the connection one level deeper; injected requests have none. */
function tlsSocket(request: FastifyRequest): TLSSocket | undefined {
  const stream = (request.raw as { readonly stream?: { readonly session?: { readonly socket?: TLSSocket } } }).stream;
  const socket = stream?.session?.socket ?? (request.raw.socket as TLSSocket | undefined);
  return socket?.encrypted === true ? socket : undefined;
}
