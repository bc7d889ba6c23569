import { type MemoryStore, memoryStore } from '@berth/store';
import { realWorld, type World } from '@berth/world';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { pino } from 'pino';
import { Registry as MetricsRegistry } from 'prom-client';
import { createApiServer } from '../../src/http/api-server.ts';
import type { ApiServerOptions } from '../../src/http/server-options.ts';
import { type ObjectCache, openObjectCache } from '../../src/registry/object-cache.ts';
import { createRegistry, type ObjectEngine } from '../../src/registry/object-engine.ts';
import type { Requester } from '../../src/registry/registry.ts';
import { admin } from '../registry/engine-fixture.ts';

/** The time of every stamp in these tests. */
const startMs: number = Date.UTC(2026, 4, 2, 10, 0, 0);

const requesters: Readonly<Record<string, Requester>> = {
  'Bearer admin': { user: 'berth-admin', groups: ['system:masters'] },
  'Bearer guest': { user: 'guest', groups: [] },
};

export interface Reply {
  readonly code: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by path, their types are what the tests check.
  readonly json: any;
}

export interface ServerFixture extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly store: MemoryStore;
  readonly cache: ObjectCache;
  readonly registry: ObjectEngine;
  readonly metrics: MetricsRegistry;
  readonly logged: readonly string[];
  /** Sends a request as `admin`; `body` goes as JSON unless it is a text or bytes. */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }>;
}

/** A server over an empty store with the namespace `default`; requests are injected unless it is told to listen. */
export async function openServer(options: Partial<ApiServerOptions> = {}): Promise<ServerFixture> {
  const world: World = options.world ?? {
    ...realWorld,
    clock: { monotonicMs: realWorld.clock.monotonicMs, wallMs: () => startMs },
  };
  const store = memoryStore(realWorld);
  const cache = openObjectCache({ store, world });
  const registry = createRegistry({ store, world, cache });
  const metrics = new MetricsRegistry();
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  const server = await createApiServer({
    registry,
    store,
    cache,
    metrics,
    world,
    log,
    authenticate: async ({ authorization = '' }) => requesters[authorization],
    authorize: async ({ groups }) => ({ allowed: groups.includes('system:masters') }),
    openTunnel: async () => {
      throw new Error('this test has no nodes');
    },
    readiness: { live: () => [], ready: () => [] },
    clusterInfo: { serverName: 'server-1', advertisedAddress: '127.0.0.1:6443' },
    ...options,
  });
  const fixture: ServerFixture = {
    app: server.app,
    store,
    cache,
    registry,
    metrics,
    logged,
    listen: server.listen,
    async call(method, path, body, headers = {}) {
      return inject(server.app, method, path, body, { authorization: 'Bearer admin', ...headers });
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await cache[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
  await registry.create('namespaces', undefined, { metadata: { name: 'default' } }, admin);
  return fixture;
}

async function inject(
  app: FastifyInstance,
  method: string,
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<Reply> {
  const raw = typeof body === 'string' || Buffer.isBuffer(body) || body === undefined;
  const type = body === undefined || raw ? {} : { 'content-type': 'application/json' };
  const response = await app.inject({
    method: method as NonNullable<InjectOptions['method']>,
    url,
    headers: { ...type, ...headers },
    ...(body === undefined ? {} : { payload: raw ? (body as string) : JSON.stringify(body) }),
  });
  const text = response.body;
  return {
    code: response.statusCode,
    headers: response.headers,
    text,
    json: text.startsWith('{') ? JSON.parse(text) : undefined,
  };
}
