import type { ApiServerAddress, NodeSession } from '@berth/controllers';
import type { Revision } from '@berth/store';
import type { ObjectCache } from '../registry/object-cache.ts';
import type { ObjectRef, Registry, WriteContext } from '../registry/registry.ts';

/** What the loops need of the object cache. */
export type LoopCache = Pick<
  ObjectCache,
  'get' | 'list' | 'ownedBy' | 'dependentsOf' | 'podsOn' | 'onChange' | 'waitFor'
>;

/** What the loops need of the registry. */
export interface LoopRegistry extends Pick<Registry, 'list' | 'create' | 'update' | 'updateStatus' | 'delete'> {
  /** Replaces status, labels and annotations. */
  replace(
    ref: ObjectRef,
    part: 'status-and-labels',
    sent: { readonly value: unknown },
    context: WriteContext,
  ): Promise<{ readonly bytes: { readonly modRevision: Revision } }>;
  /** Replaces `spec.finalizers` of a namespace; the last one gone, a namespace that is being deleted goes. */
  finalizeNamespace(name: string, sent: { readonly value: unknown }, context: WriteContext): Promise<unknown>;
}

/** Which agents are connected to any server, as the leader has heard since its reign began. */
export interface NodeSessions {
  get(nodeName: string): NodeSession | undefined;
  /** Called with the name of a node whose `connected` has changed. */
  onChange(listener: (nodeName: string) => void): Disposable;
}

/** Where the servers answer HTTPS, as pods reach them; asked again every few seconds. */
export type ApiServers = () => readonly ApiServerAddress[];
