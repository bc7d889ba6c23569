import type { AnyObject, ApiServerAddress, Dependent, NodeSession, View } from '@berth/controllers';
import type { StoredObject } from '../registry/registry.ts';
import { objectKey } from '../registry/resource-key.ts';
import { LabelIndex } from './label-index.ts';
import type { ApiServers, LoopCache, NodeSessions } from './loop-ports.ts';

export interface ClusterViewOptions {
  readonly cache: LoopCache;
  readonly sessions: NodeSessions;
  readonly apiServers: ApiServers;
}

/**
 * What the control loops see: the object cache, indexed by label as well. A reconciliation never waits, so all it
 * sees is of one revision.
 */
export class ClusterView implements View, Disposable {
  readonly #options: ClusterViewOptions;
  readonly #labels = new Map<string, LabelIndex>();
  readonly #changes: Disposable;

  /** Must be made before anybody else listens to the cache, so that the index is as new as the cache for them. */
  constructor(options: ClusterViewOptions) {
    this.#options = options;
    this.#changes = options.cache.onChange((change) => this.#labels.get(change.resource)?.update(change));
  }

  get<T extends AnyObject>(resource: string, key: string): T | undefined {
    return this.#options.cache.get<T>(resource, key);
  }

  list<T extends AnyObject>(resource: string, namespace?: string): readonly T[] {
    return this.#options.cache.list<T>(resource, namespace);
  }

  ownedBy<T extends AnyObject>(resource: string, uid: string): readonly T[] {
    return this.#options.cache.ownedBy<T>(resource, uid);
  }

  dependents(uid: string): readonly Dependent[] {
    return [...this.#options.cache.dependentsOf(uid)].sort((left, right) => (left.resource < right.resource ? -1 : 1));
  }

  labelled<T extends AnyObject>(
    resource: string,
    namespace: string,
    labels: Readonly<Record<string, string>>,
  ): readonly T[] {
    if (Object.keys(labels).length === 0) return this.list(resource, namespace);
    return this.#labelsOf(resource).find(namespace, labels) as readonly AnyObject[] as readonly T[];
  }

  podsOn<T extends AnyObject>(nodeName: string): readonly T[] {
    return this.#options.cache.podsOn<T>(nodeName);
  }

  nodeSession(nodeName: string): NodeSession | undefined {
    return this.#options.sessions.get(nodeName);
  }

  apiServers(): readonly ApiServerAddress[] {
    return this.#options.apiServers();
  }

  [Symbol.dispose](): void {
    this.#changes[Symbol.dispose]();
  }

  /** Made when first asked for: most kinds are never looked up by label. */
  #labelsOf(resource: string): LabelIndex {
    let index = this.#labels.get(resource);
    if (index === undefined) {
      index = new LabelIndex();
      for (const object of this.#options.cache.list<StoredObject>(resource)) index.add(objectKey(object), object);
      this.#labels.set(resource, index);
    }
    return index;
  }
}
