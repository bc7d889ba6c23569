import { isDeepStrictEqual } from 'node:util';
import type { EndpointSlice, Node, Service } from '@berth/api';
import type { agentV1 } from '@berth/wire';
import type { World } from '@berth/world';
import type { ObjectCache, ObjectChange } from '../registry/object-cache.ts';
import { networkTable } from './network-table.ts';

/** A burst of changes, such as the slices of a rolling update, becomes one table. */
const coalesceMs = 20;

const resources: ReadonlySet<string> = new Set(['services', 'endpointslices.discovery.k8s.io', 'nodes']);

/** The one network table of the cluster, made anew when something in it changes; all sessions share it. */
export class NetworkFeed implements Disposable {
  readonly #cache: ObjectCache;
  readonly #world: World;
  readonly #onTable: (table: agentV1.NetworkTable) => void;
  #pending: Disposable | undefined;
  #table: agentV1.NetworkTable | undefined;

  constructor(cache: ObjectCache, world: World, onTable: (table: agentV1.NetworkTable) => void) {
    this.#cache = cache;
    this.#world = world;
    this.#onTable = onTable;
  }

  /** The table of this moment. */
  get current(): agentV1.NetworkTable {
    return this.#table ?? this.#make();
  }

  consider({ resource, before, after }: ObjectChange): void {
    if (!resources.has(resource) || this.#pending !== undefined || this.#table === undefined) return;
    if (resource === 'nodes' && sameRoute(before, after)) return;
    this.#pending = this.#world.timers.after(coalesceMs, () => {
      this.#pending = undefined;
      const known = this.#table;
      const table = this.#make();
      if (table !== known) this.#onTable(table);
    });
  }

  [Symbol.dispose](): void {
    this.#pending?.[Symbol.dispose]();
  }

  #make(): agentV1.NetworkTable {
    const content = networkTable({
      services: this.#cache.list('services') as readonly unknown[] as readonly Service[],
      slices: this.#cache.list('endpointslices.discovery.k8s.io') as readonly unknown[] as readonly EndpointSlice[],
      nodes: this.#cache.list('nodes') as readonly unknown[] as readonly Node[],
    });
    const known = this.#table;
    if (known !== undefined && isDeepStrictEqual({ ...content, version: known.version }, known)) return known;
    this.#table = { ...content, version: this.#cache.revision };
    return this.#table;
  }
}

/** Node objects change often, their addresses and pod networks hardly ever. */
function sameRoute(before: unknown, after: unknown): boolean {
  const a = before as Node | undefined;
  const b = after as Node | undefined;
  if (a === undefined || b === undefined) return false;
  return a.spec.podCIDR === b.spec.podCIDR && isDeepStrictEqual(a.status?.addresses, b.status?.addresses);
}
