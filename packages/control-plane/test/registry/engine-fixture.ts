import { ApiError } from '@berth/api';
import { type Consistency, type MemoryStore, memoryStore } from '@berth/store';
import { realWorld, type World } from '@berth/world';
import { type ObjectCache, openObjectCache } from '../../src/registry/object-cache.ts';
import { createRegistry, type ObjectEngine, type RegistryOptions } from '../../src/registry/object-engine.ts';
import type { StoredObject, WriteContext } from '../../src/registry/registry.ts';

/** A Saturday morning: every time stamp of these tests is this one, until `laterBy` is called. */
const startMs: number = Date.UTC(2026, 4, 2, 10, 0, 0);

export interface Fixture extends AsyncDisposable {
  readonly store: MemoryStore;
  readonly cache: ObjectCache;
  readonly registry: ObjectEngine;
  laterBy(ms: number): void;
}

/** An engine over an empty store with the namespace `default`; the clock stands still, chance is real. */
export async function openEngine(options: Partial<RegistryOptions> = {}): Promise<Fixture> {
  let wallMs = startMs;
  const world: World = { ...realWorld, clock: { monotonicMs: () => wallMs - startMs, wallMs: () => wallMs } };
  const store = memoryStore(realWorld);
  const cache = openObjectCache({ store, world });
  const registry = createRegistry({ store, world, cache, ...options });
  await registry.create('namespaces', undefined, { metadata: { name: 'default' } }, admin);
  return {
    store,
    cache,
    registry,
    laterBy(ms) {
      wallMs += ms;
    },
    async [Symbol.asyncDispose]() {
      await cache[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** An object as a client would write it. */
export interface SentTest {
  readonly metadata: object;
  readonly [field: string]: unknown;
}

export const admin: WriteContext = {
  requester: { user: 'berth-admin', groups: ['system:masters'] },
  cause: 'user:berth-admin',
};

export const newest: Consistency = { kind: 'linearizable' };

/** A node that has room for pods. */
export async function addNode(registry: ObjectEngine, name = 'n1', allocatable: object = {}): Promise<StoredObject> {
  const node = {
    metadata: { name },
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...allocatable } },
  };
  return await registry.create('nodes', undefined, node, admin);
}

/** What a client would be told: code, reason and message of the refusal. */
export async function refusalOf(work: Promise<unknown>): Promise<{ code: number; reason: string; message: string }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ApiError) return { code: error.code, reason: error.reason, message: error.message };
    throw error;
  }
  throw new Error('it was not refused');
}

export function configMap(name: string, data: Readonly<Record<string, string>> = {}): SentTest {
  return { metadata: { name }, data };
}

export function pod(name: string, spec: object = {}, metadata: object = {}): SentTest {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...metadata },
    spec: { containers: [{ name: 'c', image: 'web:1' }], ...spec },
  };
}

export function deployment(name: string, replicas = 3): SentTest {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'web:1' }] } },
    },
  };
}

export function service(name: string, spec: object = {}): SentTest {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } };
}

/** A field of an object whose type the test does not care about. */
export function at(object: StoredObject | undefined, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, field) => (value as Record<string, unknown> | undefined)?.[field], object);
}
