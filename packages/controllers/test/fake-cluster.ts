import {
  type DeploymentSpec,
  type DeploymentStatus,
  formatTime,
  type NamespaceSpec,
  type NodeSpec,
  type ObjectMeta,
  type PodSpec,
  type PodStatus,
  type ReplicaSetStatus,
} from '@berth/api';
import type {
  AnyObject,
  ApiServerAddress,
  Dependent,
  EventDraft,
  NewObject,
  NodeSession,
  Now,
  Plan,
  Resource,
  View,
  Write,
} from '../src/controller.ts';
import { compareText, keyOf, objectKey } from '../src/object-key.ts';
import { sameValue } from '../src/sameness.ts';

type Fields<T, Other extends string = never> = Partial<Omit<T, Other>>;

/** Any object with the fields of all kinds that tests look into. */
export type Loose = AnyObject & {
  readonly spec: Fields<PodSpec> & Fields<DeploymentSpec, 'selector'> & Fields<NodeSpec> & Fields<NamespaceSpec>;
  readonly status?: Fields<PodStatus, 'conditions'> &
    Fields<DeploymentStatus, 'conditions'> &
    Fields<ReplicaSetStatus, 'conditions'> & { readonly conditions?: readonly Condition[] };
};

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** Kinds whose deletion waits for somebody (an agent) to say that nothing is left. */
const graceful = 'pods';

/**
 * The registry in a few lines, in memory: names, uids, revisions, generations, finalizers and graceful deletion behave as
 * in the real one; nothing is validated or defaulted. Time stands still until a test moves it.
 */
export class FakeCluster implements View {
  readonly #objects = new Map<Resource, Map<string, AnyObject>>();
  readonly #sessions = new Map<string, NodeSession>();
  readonly #listeners = new Set<(resource: Resource, before?: AnyObject, after?: AnyObject) => void>();
  readonly events: EventDraft[] = [];
  servers: readonly ApiServerAddress[] = [];
  now: Now = { wallMs: 1_700_000_000_000, monotonicMs: 1_000_000, hearingSinceMonotonicMs: 0 };
  #revision = 100;
  #counter = 0;

  get<T extends AnyObject>(resource: Resource, key: string): T | undefined {
    return this.#objects.get(resource)?.get(key) as T | undefined;
  }

  list<T extends AnyObject>(resource: Resource, namespace?: string): readonly T[] {
    const all = [...(this.#objects.get(resource) ?? [])].sort(([left], [right]) => compareText(left, right));
    return all
      .map(([, object]) => object as T)
      .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
  }

  ownedBy<T extends AnyObject>(resource: Resource, uid: string): readonly T[] {
    return this.list<T>(resource).filter(({ metadata }) =>
      metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.controller === true),
    );
  }

  dependents(uid: string): readonly Dependent[] {
    return [...this.#objects.keys()].sort().flatMap((resource) =>
      this.list(resource)
        .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid))
        .map((object) => ({ resource, object })),
    );
  }

  labelled<T extends AnyObject>(
    resource: Resource,
    namespace: string,
    labels: Readonly<Record<string, string>>,
  ): readonly T[] {
    return this.list<T>(resource, namespace).filter(({ metadata }) =>
      Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value),
    );
  }

  podsOn<T extends AnyObject>(nodeName: string): readonly T[] {
    return this.list<Loose>('pods').filter(
      ({ spec }) => spec?.nodeName === nodeName,
    ) as readonly AnyObject[] as readonly T[];
  }

  nodeSession(nodeName: string): NodeSession | undefined {
    return this.#sessions.get(nodeName);
  }

  apiServers(): readonly ApiServerAddress[] {
    return this.servers;
  }

  /** The object as a test wants to look at it. */
  at(resource: Resource, key: string): Loose {
    const object = this.get<Loose>(resource, key);
    if (object === undefined) throw new Error(`${resource} ${key} does not exist`);
    return object;
  }

  all(resource: Resource): readonly Loose[] {
    return this.list<Loose>(resource);
  }

  onChange(listener: (resource: Resource, before?: AnyObject, after?: AnyObject) => void): void {
    this.#listeners.add(listener);
  }

  advance(ms: number): void {
    const { wallMs, monotonicMs, hearingSinceMonotonicMs } = this.now;
    this.now = { wallMs: wallMs + ms, monotonicMs: monotonicMs + ms, hearingSinceMonotonicMs };
  }

  connect(nodeName: string): void {
    this.#sessions.set(nodeName, { connected: true, sinceMonotonicMs: this.now.monotonicMs });
  }

  disconnect(nodeName: string): void {
    this.#sessions.set(nodeName, { connected: false, sinceMonotonicMs: this.now.monotonicMs });
  }

  forgetSession(nodeName: string): void {
    this.#sessions.delete(nodeName);
  }

  /** As a user would. */
  create(resource: Resource, object: NewObject | Readonly<Record<string, unknown>>): Loose {
    const { metadata, ...rest } = object as NewObject;
    const { generateName, ...given } = metadata;
    const name = given.name ?? `${generateName}${this.#suffix()}`;
    const key = keyOf(given.namespace, name);
    if (this.get(resource, key) !== undefined) throw new Conflict(`${resource} ${key} already exists`);
    const stored = {
      ...rest,
      metadata: {
        ...given,
        ...(generateName === undefined ? {} : { generateName }),
        name,
        uid: given.uid ?? `uid-${++this.#counter}`,
        creationTimestamp: given.creationTimestamp ?? formatTime(this.now.wallMs),
        generation: 1,
      },
    };
    return this.#store(resource, stored);
  }

  /** Changes an object as a user would, whatever its resourceVersion. */
  edit(resource: Resource, key: string, change: (object: Loose) => object): Loose {
    const before = this.at(resource, key);
    return this.#replace(resource, before, { ...before, ...change(before) });
  }

  editStatus(resource: Resource, key: string, status: object): Loose {
    const before = this.at(resource, key);
    return this.#store(resource, { ...before, status: { ...before.status, ...status } });
  }

  delete(resource: Resource, key: string, options: DeletionOptions = {}): void {
    const object = this.at(resource, key);
    const finalizers = new Set(object.metadata.finalizers ?? []);
    if (options.propagation === 'Foreground') finalizers.add('foregroundDeletion');
    if (options.propagation === 'Orphan') finalizers.add('orphan');
    const waits = resource === graceful && (object.spec?.nodeName ?? '') !== '' && options.gracePeriodSeconds !== 0;
    const namespaceWaits = resource === 'namespaces' && (object.spec?.finalizers ?? []).length > 0;
    if (finalizers.size === 0 && !waits && !namespaceWaits) {
      this.#remove(resource, object);
      return;
    }
    this.#store(resource, {
      ...object,
      metadata: {
        ...object.metadata,
        ...(finalizers.size === 0 ? {} : { finalizers: [...finalizers] }),
        deletionTimestamp: object.metadata.deletionTimestamp ?? formatTime(this.now.wallMs),
        deletionGracePeriodSeconds: waits ? 30 : 0,
      },
    });
  }

  /** What an agent does when nothing of a pod is left. */
  finishDeletion(key: string): void {
    this.#remove(graceful, this.at(graceful, key));
  }

  apply({ writes }: Plan): void {
    const written = new Map<string, string>();
    for (const write of writes) {
      const name = this.#carryOut(write, written);
      if (write.kind === 'event') this.events.push(write);
      else if ('event' in write && write.event !== undefined) {
        this.events.push({ ...write.event, message: write.event.message.replace('{name}', name) });
      }
    }
  }

  #carryOut(write: Write, written: Map<string, string>): string {
    switch (write.kind) {
      case 'create':
        return this.create(write.resource, jsonOf(write.object) as NewObject).metadata.name;
      case 'update':
        return this.#update(write.resource, write.object, written, (before) => ({
          ...(jsonOf(write.object) as Loose),
          ...('status' in before ? { status: before.status } : {}),
        }));
      case 'updateStatus':
        return this.#update(write.resource, write.object, written, (before) => ({
          ...before,
          ...(write.alsoAnnotations
            ? { metadata: { ...before.metadata, annotations: write.object.metadata.annotations } }
            : {}),
          status: (jsonOf(write.object) as Loose).status,
        }));
      case 'finalizeNamespace':
        return this.#update('namespaces', write.object, written, (before) => ({
          ...before,
          spec: (write.object as Loose).spec,
        }));
      case 'delete': {
        const current = this.get(write.resource, write.key);
        if (current === undefined) return '';
        const expected = written.get(current.metadata.uid) ?? write.resourceVersion ?? current.metadata.resourceVersion;
        if (current.metadata.uid !== write.uid || current.metadata.resourceVersion !== expected) {
          throw new Conflict(`${write.resource} ${write.key} is another`);
        }
        this.delete(write.resource, write.key, write);
        return current.metadata.name;
      }
      case 'event':
        return '';
      default:
        throw new Error(`unknown write ${JSON.stringify(write satisfies never)}`);
    }
  }

  #update(
    resource: Resource,
    object: AnyObject,
    written: Map<string, string>,
    change: (before: Loose) => object,
  ): string {
    const before = this.get<Loose>(resource, objectKey(object));
    const expected = written.get(object.metadata.uid) ?? object.metadata.resourceVersion;
    if (before?.metadata.uid !== object.metadata.uid || before.metadata.resourceVersion !== expected) {
      throw new Conflict(`${resource} ${objectKey(object)} was changed`);
    }
    const after = this.#replace(resource, before, change(before) as Loose);
    written.set(object.metadata.uid, after.metadata.resourceVersion);
    return after.metadata.name;
  }

  #replace(resource: Resource, before: Loose, next: Loose): Loose {
    const changed = !sameValue(before.spec, next.spec);
    const generation = (before.metadata.generation ?? 0) + (changed ? 1 : 0);
    const after = { ...next, metadata: { ...next.metadata, generation } };
    if (sameValue(before, after)) return before;
    const isDone =
      after.metadata.deletionTimestamp !== undefined &&
      (after.metadata.finalizers ?? []).length === 0 &&
      (resource === 'namespaces' ? (after.spec?.finalizers ?? []).length === 0 : resource !== graceful);
    if (isDone) this.#remove(resource, after);
    return isDone ? after : this.#store(resource, after);
  }

  #store(resource: Resource, object: object): Loose {
    const { metadata } = object as { readonly metadata: ObjectMeta };
    const after = deepFreeze({
      ...object,
      metadata: { ...metadata, resourceVersion: String(++this.#revision) },
    }) as Loose;
    const objects = this.#objects.get(resource) ?? new Map<string, AnyObject>();
    this.#objects.set(resource, objects);
    const before = objects.get(objectKey(after));
    objects.set(objectKey(after), after);
    for (const listener of this.#listeners) listener(resource, before, after);
    return after;
  }

  #remove(resource: Resource, object: AnyObject): void {
    this.#revision += 1;
    this.#objects.get(resource)?.delete(objectKey(object));
    for (const listener of this.#listeners) listener(resource, object, undefined);
  }

  #suffix(): string {
    return String(++this.#counter).padStart(5, '0');
  }
}

interface DeletionOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagation?: 'Orphan' | 'Background' | 'Foreground';
}

export class Conflict extends Error {}

function jsonOf(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function deepFreeze(value: object): object {
  for (const field of Object.values(value)) if (typeof field === 'object' && field !== null) deepFreeze(field);
  return Object.freeze(value);
}
