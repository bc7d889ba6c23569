import { deepEqual, type Namespace, type Node, type Pod } from '@berth/api';
import type { DisruptionBudget } from '@berth/scheduler';
import type { ObjectCache, ObjectChange } from '../registry/object-cache.ts';
import { budgetChange, budgetResource } from './budget-change.ts';
import type { ClusterChange } from './placement-engine.ts';
import { labelsOfNamespace, slimNode, slimPod } from './slim-object.ts';

/** What scheduling needs of the object cache. */
export type SchedulingCache = Pick<ObjectCache, 'list' | 'onChange'>;

export interface FeedListener {
  /** There are news again. */
  onNews(): void;
  /** The pod has a node. */
  onAssigned(uid: string): void;
  onGone(uid: string): void;
}

/**
 * Follows the object cache and keeps what the scheduler has not heard yet: per object the latest news alone, so that its size is
 * bounded by the number of objects, however far the scheduler falls behind.
 */
export class ClusterFeed implements Disposable {
  readonly #cache: SchedulingCache;
  readonly #listener: FeedListener;
  readonly #following: Disposable;
  /** By kind and identity, in the order in which objects first had news. */
  readonly #news = new Map<string, ClusterChange>();
  /** As the cache has them, by uid. */
  readonly #pods = new Map<string, Pod>();

  constructor(cache: SchedulingCache, listener: FeedListener) {
    this.#cache = cache;
    this.#listener = listener;
    this.#following = cache.onChange((change) => this.#follow(change));
    this.restart();
  }

  get isEmpty(): boolean {
    return this.#news.size === 0;
  }

  /** The pod as the cache has it, while it has no node. */
  unassigned(uid: string): Pod | undefined {
    const pod = this.#pods.get(uid);
    return pod === undefined || isAssigned(pod) ? undefined : pod;
  }

  pod(uid: string): Pod | undefined {
    return this.#pods.get(uid);
  }

  /** Makes everything news again, for a scheduler that knows nothing. */
  restart(): void {
    this.#news.clear();
    this.#pods.clear();
    for (const each of this.#cache.list('namespaces')) this.#put('namespaces', undefined, each);
    for (const each of this.#cache.list('nodes')) this.#put('nodes', undefined, each);
    for (const each of this.#cache.list(budgetResource)) this.#put(budgetResource, undefined, each);
    for (const each of this.#cache.list('pods')) this.#put('pods', undefined, each);
    this.#listener.onNews();
  }

  /** The binding of a pod did not come about. */
  release(uid: string): void {
    this.#news.set(`released ${uid}`, { kind: 'released', uid });
    this.#listener.onNews();
  }

  /** The oldest news, at most `count`; they are the caller's then. */
  take(count: number): readonly ClusterChange[] {
    const taken: ClusterChange[] = [];
    for (const [key, change] of this.#news) {
      if (taken.length === count) break;
      taken.push(change);
      this.#news.delete(key);
    }
    return taken;
  }

  [Symbol.dispose](): void {
    this.#following[Symbol.dispose]();
  }

  #follow({ resource, before, after }: ObjectChange): void {
    const known = this.#news.size;
    const isReplaced = before !== undefined && after !== undefined && before.metadata.uid !== after.metadata.uid;
    if (before !== undefined && (after === undefined || isReplaced)) this.#remove(resource, before);
    if (after !== undefined) this.#put(resource, isReplaced ? undefined : before, after);
    if (this.#news.size > 0 && known === 0) this.#listener.onNews();
  }

  #put(resource: string, before: object | undefined, after: object): void {
    if (resource === 'nodes') this.#putNode(before as Node | undefined, after as Node);
    else if (resource === 'pods') this.#putPod(before as Pod | undefined, after as Pod);
    else if (resource === 'namespaces') this.#putNamespace(after as Namespace);
    else if (resource === budgetResource)
      this.#news.set(`budget ${keyOf(after)}`, budgetChange(after as DisruptionBudget));
  }

  #putNode(before: Node | undefined, after: Node): void {
    const node = slimNode(after);
    if (before !== undefined && deepEqual(slimNode(before), node)) return;
    this.#news.set(`node ${node.metadata.name}`, { kind: 'node', node });
  }

  #putPod(before: Pod | undefined, after: Pod): void {
    const pod = slimPod(after);
    const uid = pod.metadata.uid ?? '';
    this.#pods.set(uid, after);
    if (isAssigned(pod)) this.#listener.onAssigned(uid);
    if (before !== undefined && deepEqual(slimPod(before), pod)) return;
    this.#news.set(`pod ${uid}`, { kind: 'pod', pod });
  }

  #putNamespace(namespace: Namespace): void {
    const name = namespace.metadata.name ?? '';
    this.#news.set(`namespace ${name}`, { kind: 'namespace', name, labels: labelsOfNamespace(namespace) });
  }

  #remove(resource: string, gone: object): void {
    const { namespace = '', name = '', uid = '' } = (gone as Pod).metadata;
    if (resource === 'nodes') this.#news.set(`node ${name}`, { kind: 'node-gone', name });
    else if (resource === 'namespaces') this.#news.set(`namespace ${name}`, { kind: 'namespace-gone', name });
    else if (resource === budgetResource)
      this.#news.set(`budget ${namespace}/${name}`, { kind: 'budget-gone', namespace, name });
    else if (resource === 'pods') {
      this.#pods.delete(uid);
      this.#listener.onGone(uid);
      this.#news.set(`pod ${uid}`, { kind: 'pod-gone', uid });
    }
  }
}

function isAssigned({ spec }: Pod): boolean {
  return spec.nodeName !== undefined && spec.nodeName !== '';
}

function keyOf(object: object): string {
  const { namespace = '', name = '' } = (object as Pod).metadata;
  return `${namespace}/${name}`;
}
