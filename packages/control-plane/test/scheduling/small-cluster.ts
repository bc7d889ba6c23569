import { type Namespace, type Node, notFound, type Pod } from '@berth/api';
import { Registry as MetricsRegistry } from 'prom-client';
import type { Registry, StoredObject } from '../../src/registry/registry.ts';
import { type SchedulerChoice, standardSchedulers } from '../../src/scheduling/placement-engine.ts';
import { type SchedulingEvent, startScheduling } from '../../src/scheduling/scheduling-loop.ts';
import { type ManualWorld, manualWorld } from './manual-world.ts';

type Change = Parameters<Parameters<Parameters<typeof startScheduling>[0]['cache']['onChange']>[0]>[0];

/**
 * A store, its cache and its registry in one: objects in maps, listeners told at once. `refuse` makes bindings fail, `hold`
 * keeps them unanswered.
 */
export class SmallCluster {
  readonly world: ManualWorld = manualWorld();
  readonly events: SchedulingEvent[] = [];
  readonly metrics: MetricsRegistry = new MetricsRegistry();
  readonly bindingCalls: string[] = [];
  /** What was logged as an error. */
  readonly faults: unknown[] = [];
  /** Fences that came with writes. */
  readonly fences: Set<string | undefined> = new Set();
  /** The error that the next binding of a pod gets, by name of the pod. */
  readonly refusals: Map<string, Error> = new Map();
  readonly #objects = new Map<string, Map<string, StoredObject>>();
  readonly #listeners = new Set<(change: Change) => void>();
  #held: PromiseWithResolvers<void> | undefined;
  readonly #onChange = new Set<() => void>();
  #revision = 0;

  start(
    engine: 'thread' | 'in-process' = 'in-process',
    schedulers: readonly SchedulerChoice[] = standardSchedulers,
  ): AsyncDisposable {
    return startScheduling({
      registry: this.#registry(),
      cache: {
        list: (<T>(resource: string) => [...(this.#objects.get(resource)?.values() ?? [])] as T[]) as never,
        onChange: (listener) => {
          this.#listeners.add(listener);
          return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
        },
      },
      fence: { token: 'reign-1' },
      world: this.world,
      log: { info: () => undefined, warn: () => undefined, error: (...all: unknown[]) => this.faults.push(all) },
      metrics: this.metrics,
      recordEvent: (event) => this.events.push(event),
      engine,
      schedulers,
    });
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  put(resource: 'pods' | 'nodes' | 'namespaces', object: Pod | Node | Namespace): void {
    const { namespace, name = '' } = object.metadata;
    const key = namespace === undefined ? name : `${namespace}/${name}`;
    const objects = this.#objects.get(resource) ?? new Map<string, StoredObject>();
    this.#objects.set(resource, objects);
    const before = objects.get(key);
    this.#revision += 1;
    const after = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(this.#revision) },
    } as unknown as StoredObject;
    objects.set(key, after);
    this.#tell({
      resource,
      key,
      after,
      ...(before === undefined ? {} : { before }),
      revision: this.#revision as never,
    });
  }

  remove(resource: 'pods' | 'nodes', key: string): void {
    const before = this.#objects.get(resource)?.get(key);
    if (before === undefined) return;
    this.#objects.get(resource)?.delete(key);
    this.#revision += 1;
    this.#tell({ resource, key, before, revision: this.#revision as never });
  }

  pod(name: string): Pod {
    return this.#objects.get('pods')?.get(`default/${name}`) as unknown as Pod;
  }

  /** Bindings are not answered until `answer` is called. */
  hold(): void {
    this.#held = Promise.withResolvers();
  }

  answer(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }

  /** Lets the loop run until `condition` holds; turns of the event loop, not time, are the limit. */
  async until(condition: () => boolean, turns = 2_000): Promise<void> {
    for (let turn = 0; turn < turns && !condition(); turn += 1) await new Promise((resolve) => setImmediate(resolve));
    if (!condition()) throw new Error(`still not so after ${turns} turns: ${condition.toString()}`);
  }

  /** Resolves when a change makes `condition` true: for what happens in another thread. */
  async when(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#onChange.add(resolve));
  }

  /** Lets the loop do all it has to do. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  #registry(): Pick<Registry, 'bind' | 'modify' | 'delete'> {
    return {
      delete: async ({ name }, { preconditions }) => {
        const pod = this.pod(name);
        if (pod?.metadata.uid !== preconditions?.uid) throw notFound({ group: '', resource: 'pods' }, name);
        this.put('pods', { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:30Z' } });
        return undefined;
      },
      bind: async (namespace, name, uid, nodeName, { fence }, annotations) => {
        this.bindingCalls.push(`${name} ${nodeName}`);
        this.fences.add(fence?.token);
        await this.#held?.promise;
        const refusal = this.refusals.get(name);
        this.refusals.delete(name);
        if (refusal !== undefined) throw refusal;
        const pod = this.pod(name);
        if (pod === undefined || pod.metadata.uid !== uid) throw notFound({ group: '', resource: 'pods' }, name);
        const metadata = { ...pod.metadata, namespace };
        if (annotations !== undefined) metadata.annotations = { ...metadata.annotations, ...annotations };
        this.put('pods', { ...pod, metadata, spec: { ...pod.spec, nodeName } });
      },
      modify: async ({ name }, _part, change, { fence }) => {
        this.fences.add(fence?.token);
        const current = this.#objects.get('pods')?.get(`default/${name}`);
        if (current === undefined) throw notFound({ group: '', resource: 'pods' }, name);
        const next = change(current);
        if (next === undefined) return undefined;
        this.put('pods', next as Pod);
        return next as StoredObject;
      },
    };
  }

  #tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
    for (const resolve of this.#onChange) resolve();
    this.#onChange.clear();
  }
}

export function clusterNode(name: string, cpu = '4'): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name },
    spec: {},
    status: { allocatable: { cpu, memory: '8Gi', pods: '110' } },
  };
}

export function clusterPod(name: string, cpu = '1', uid: string = name): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { containers: [{ name: 'main', resources: { requests: { cpu } } }], schedulerName: 'default-scheduler' },
  };
}
