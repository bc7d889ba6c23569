import type { Store } from '@berth/store';
import type { World } from '@berth/world';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Registry as MetricsRegistry } from 'prom-client';
import type { ObjectCache } from '../registry/object-cache.ts';
import type { ObjectEngine } from '../registry/object-engine.ts';
import type { Authenticate, Authorize } from './access.ts';
import type { Readiness } from './readiness.ts';
import type { OpenTunnel } from './tunnel-port.ts';

export interface ApiServerOptions {
  /** Made by `createRegistry`. */
  readonly registry: ObjectEngine;
  readonly store: Store;
  readonly cache: ObjectCache;
  readonly authenticate: Authenticate;
  readonly authorize: Authorize;
  /** Absent only in tests that inject requests. */
  readonly tls?: TlsOptions;
  readonly openTunnel: OpenTunnel;
  readonly readiness: Readiness;
  readonly metrics: MetricsRegistry;
  readonly world: World;
  readonly log: Logger;
  readonly clusterInfo: ClusterInfo;
  /** Adds routes beside the API before the server listens. */
  readonly extend?: RouteExtension;
  readonly limits?: Partial<ServerLimits>;
}

/** Routes of others. Bodies are parsed as JSON; thrown `ApiError`s are answered as Status, all else as internal error. */
export interface RouteExtension {
  /** Answered to everybody: the route itself must establish who asks (join, renewal). */
  open?(app: FastifyInstance): void | Promise<void>;
  /** Behind authentication and authorisation, by path. */
  guarded?(app: FastifyInstance): void | Promise<void>;
}

/** PEM texts. */
export interface TlsOptions {
  readonly key: string;
  readonly cert: string;
  /** Certificates that client certificates must come from. */
  readonly ca: string;
  /** Offers HTTP/2 by ALPN beside HTTP/1.1. Default false. */
  readonly http2?: boolean;
}

export interface ClusterInfo {
  /** Named in the `Berth-Served-By` header. */
  readonly serverName: string;
  /** `host:port` under which clients reach this server; part of the legacy discovery document. */
  readonly advertisedAddress: string;
}

export interface ServerLimits {
  /** Of a request body; more is answered 413. */
  readonly bodyBytes: number;
  /** Requests that change something, at work at once; more are answered 429. */
  readonly mutatingRequests: number;
  /** Reads at work at once, watches and logs aside. */
  readonly readOnlyRequests: number;
  /** Watches and followed logs at once. */
  readonly longRunningRequests: number;
  /** Waiting to be sent to one watcher; at more the watch is closed. */
  readonly watchBufferBytes: number;
  /** A watch without `timeoutSeconds` ends after a random time between this and its double. */
  readonly watchSecondsMin: number;
}

export const defaultLimits: ServerLimits = {
  bodyBytes: 3 * 1024 * 1024,
  mutatingRequests: 200,
  readOnlyRequests: 400,
  longRunningRequests: 10_000,
  watchBufferBytes: 4 * 1024 * 1024,
  watchSecondsMin: 1_800,
};
