import { type Deployment, kinds, type Pod, type ReplicaSet, type Stored } from '@berth/api';
import { type Controller, type ControllerSettings, defaultTimings, type NodeSession } from '@berth/controllers';
import { type MemoryStore, memoryStore } from '@berth/store';
import { pino } from 'pino';
import { Registry as MetricsRegistry } from 'prom-client';
import { createEventRecorder, type EventRecorder } from '../../src/loops/event-recorder.ts';
import { duringReigns } from '../../src/loops/leader-reigns.ts';
import { type LoopMetrics, loopMetrics } from '../../src/loops/loop-metrics.ts';
import type { LoopRegistry, NodeSessions } from '../../src/loops/loop-ports.ts';
import { startControllers } from '../../src/loops/start-controllers.ts';
import { type ObjectCache, openObjectCache } from '../../src/registry/object-cache.ts';
import { createRegistry, type ObjectEngine } from '../../src/registry/object-engine.ts';
import type { StoredObject, WriteContext } from '../../src/registry/registry.ts';
import { type LateStore, lateStore } from './late-store.ts';
import { ManualWorld } from './manual-world.ts';

const settings: ControllerSettings = {
  ...defaultTimings,
  rootCaPem: '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n',
  kubernetesServiceIp: '10.96.0.1',
  kinds,
};

export const admin: WriteContext = {
  requester: { user: 'berth-admin', groups: ['system:masters'] },
  cause: 'user:berth-admin',
};

export interface LoopClusterOptions {
  readonly controllers?: readonly Controller[];
  readonly seed?: number;
  /** Stands between the loops and the registry. */
  readonly around?: (registry: ObjectEngine, world: ManualWorld) => LoopRegistry;
}

/** Agents' sessions, as a test says they are. */
class TestSessions implements NodeSessions {
  readonly #world: ManualWorld;
  readonly #sessions = new Map<string, NodeSession>();
  readonly #listeners = new Set<(nodeName: string) => void>();

  constructor(world: ManualWorld) {
    this.#world = world;
  }

  get(nodeName: string): NodeSession | undefined {
    return this.#sessions.get(nodeName);
  }

  onChange(listener: (nodeName: string) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  set(nodeName: string, connected: boolean): void {
    this.#sessions.set(nodeName, { connected, sinceMonotonicMs: this.#world.clock.monotonicMs() });
    for (const listener of this.#listeners) listener(nodeName);
  }

  /** As a leader that has not heard of the node yet. */
  forget(nodeName: string): void {
    this.#sessions.delete(nodeName);
  }
}

/** A server's loops over the real registry, cache and memory store; agents and users are played by the test. */
export class LoopCluster implements AsyncDisposable {
  readonly world: ManualWorld;
  readonly memory: MemoryStore;
  readonly store: LateStore;
  readonly registry: ObjectEngine;
  readonly cache: ObjectCache;
  readonly sessions: TestSessions;
  readonly metrics: LoopMetrics;
  readonly events: EventRecorder;
  readonly #options: LoopClusterOptions;
  #reigns: AsyncDisposable | undefined;

  constructor(options: LoopClusterOptions = {}) {
    this.#options = options;
    this.world = new ManualWorld(options.seed);
    this.memory = memoryStore(this.world);
    this.store = lateStore(this.memory);
    this.cache = openObjectCache({ store: this.store, world: this.world });
    this.registry = createRegistry({ store: this.store, world: this.world, cache: this.cache });
    this.sessions = new TestSessions(this.world);
    this.metrics = loopMetrics(new MetricsRegistry());
    const { registry, world, metrics } = this;
    this.events = createEventRecorder({ registry, world, metrics, log: pino({ level: 'silent' }) });
  }

  /** Runs the loops in every reign of this server. */
  start(): void {
    const { cache, metrics, registry, sessions, world } = this;
    this.#reigns = duringReigns(this.store, (fence) =>
      startControllers({
        registry: this.#options.around?.(registry, world) ?? registry,
        cache,
        sessions,
        apiServers: () => [{ ip: '192.0.2.10', port: 6443 }],
        fence,
        world,
        log: pino({ level: 'silent' }),
        metrics,
        recordEvent: this.events.record,
        settings,
        ...(this.#options.controllers === undefined ? {} : { controllers: this.#options.controllers }),
      }),
    );
  }

  async stop(): Promise<void> {
    await this.#reigns?.[Symbol.asyncDispose]();
    this.#reigns = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.events[Symbol.asyncDispose]();
    await this.cache[Symbol.asyncDispose]();
    await this.memory[Symbol.asyncDispose]();
  }

  /** Everything that follows from what was done has happened, retries and slow writes within `ms` included. */
  async settle(ms = 200): Promise<void> {
    await this.world.pass(ms);
  }

  async create(resource: string, namespace: string | undefined, object: object): Promise<StoredObject> {
    return await this.registry.create(resource, namespace, object, admin);
  }

  get deployment(): Stored<Deployment> | undefined {
    return this.cache.get<Stored<Deployment>>('deployments.apps', 'default/web');
  }

  get replicaSets(): readonly Stored<ReplicaSet>[] {
    return this.cache.list<Stored<ReplicaSet>>('replicasets.apps', 'default');
  }

  /** Neither finished nor on their way out. */
  get pods(): readonly Stored<Pod>[] {
    return this.cache
      .list<Stored<Pod>>('pods', 'default')
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  get readyPods(): readonly Stored<Pod>[] {
    return this.pods.filter(({ status }) =>
      status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True'),
    );
  }

  async makeReady({ metadata: { name, uid } }: Stored<Pod>, nodeName = 'n1'): Promise<void> {
    await this.registry.bind('default', name, uid, nodeName, admin);
    await this.registry.modify(
      { resource: 'pods', namespace: 'default', name },
      'status',
      (pod) => ({ ...pod, status: { ...(pod['status'] as object), ...this.#readyStatus() } }),
      admin,
    );
  }

  /** As agents do: deleted pods end, all others become ready, until nothing moves any more. */
  async completeRollout(settleMs = 200): Promise<void> {
    for (let rounds = 0; rounds < 100; rounds += 1) {
      await this.settle(settleMs);
      const ready = new Set(this.readyPods);
      const waiting = this.pods.filter((pod) => !ready.has(pod));
      if (waiting.length + (await this.endDeleted()) === 0) return;
      for (const pod of waiting) await this.makeReady(pod);
    }
    throw new Error('the rollout does not come to rest');
  }

  async endDeleted(): Promise<number> {
    const deleted = this.cache.list('pods').filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
    for (const { metadata } of deleted) {
      const ref = { resource: 'pods', namespace: metadata.namespace ?? '', name: metadata.name };
      await this.registry.delete(ref, { gracePeriodSeconds: 0 }, admin);
    }
    return deleted.length;
  }

  async changeDeployment(change: (spec: Deployment['spec']) => object): Promise<void> {
    const ref = { resource: 'deployments.apps', namespace: 'default', name: 'web' };
    const edit = (object: StoredObject): object => ({ ...object, spec: change(object['spec'] as Deployment['spec']) });
    await this.registry.modify(ref, 'object', edit, admin);
  }

  async setImage(image: string): Promise<void> {
    await this.changeDeployment((spec) => ({
      ...spec,
      template: { ...spec.template, spec: { containers: [{ name: 'web', image }] } },
    }));
  }

  #readyStatus(): object {
    const lastTransitionTime = new Date(this.world.clock.wallMs()).toISOString().replace('.000Z', 'Z');
    return {
      phase: 'Running',
      podIP: '10.244.0.9',
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime }],
    };
  }
}

/** A registry whose writes take up to 20 ms before and after they are done, each as chance has it. */
export function slowRegistry(registry: ObjectEngine, world: ManualWorld): LoopRegistry {
  const slowly = async <T>(write: () => Promise<T>): Promise<T> => {
    await world.timers.sleep(world.random.integer(20));
    const answer = await write();
    await world.timers.sleep(world.random.integer(20));
    return answer;
  };
  return {
    ...registry,
    create: (...given) => slowly(() => registry.create(...given)),
    update: (...given) => slowly(() => registry.update(...given)),
    updateStatus: (...given) => slowly(() => registry.updateStatus(...given)),
    replace: (...given) => slowly(() => registry.replace(...given)),
    delete: (...given) => slowly(() => registry.delete(...given)),
  };
}

export function webDeployment(replicas: number, spec: object = {}): object {
  const labels = { app: 'web' };
  return {
    metadata: { name: 'web' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
      ...spec,
    },
  };
}

export function node(name: string): object {
  const allocatable = { cpu: '64', memory: '64Gi', pods: '110' };
  const conditions = [{ type: 'Ready', status: 'True', reason: 'AgentReady' }];
  return { metadata: { name }, status: { allocatable, conditions } };
}
