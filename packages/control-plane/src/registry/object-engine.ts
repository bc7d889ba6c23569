import { type Kind, type Scale, kinds as servedKinds } from '@berth/api';
import type { Consistency, Store } from '@berth/store';
import type { World } from '@berth/world';
import { bindPod, type PodBinding } from './bind-pod.ts';
import { type ChangedPart, changeObject } from './change-object.ts';
import { createObject } from './create-object.ts';
import { deleteCollection } from './delete-collection.ts';
import { deleteObject } from './delete-object.ts';
import { type EngineParts, strategyOf } from './engine-parts.ts';
import { type EvictionGate, evictPod } from './evict-pod.ts';
import { finalizeNamespace } from './finalize-namespace.ts';
import type { Outcome } from './guarded-write.ts';
import { KindTable } from './kind-table.ts';
import { type ListPage, listObjects } from './list-objects.ts';
import type { ListOptions } from './list-options.ts';
import { NodeSeats, type SeatingCache } from './node-seats.ts';
import { type ObjectPatch, patchObject } from './object-patch.ts';
import type { Selection } from './object-selection.ts';
import { readBytes } from './read-bytes.ts';
import type { SentObject } from './read-object.ts';
import type { DeleteRequest, ObjectRef, Registry, WriteContext } from './registry.ts';
import { storageRange } from './resource-key.ts';
import { changeScale, scaleOf } from './scale-object.ts';
import { type Doing, toApiError } from './store-failure.ts';
import type { StoredBytes } from './stored-bytes.ts';
import { decodeStored } from './stored-object.ts';
import { createStrategies, type StrategyOptions } from './strategies/strategies.ts';

export interface RegistryOptions extends StrategyOptions {
  readonly store: Store;
  readonly world: World;
  /** Of the same store: whether a node has room for a pod is seen in it. */
  readonly cache: SeatingCache;
  /** Default: every kind of `@berth/api`. */
  readonly kinds?: readonly Kind[];
  /** Asked before an eviction; default: nothing forbids one. */
  readonly evictionGate?: EvictionGate;
}

/** The registry as the HTTP edge needs it: stored bytes instead of objects, bodies as sent, pages, patches, sub-resources. */
export interface ObjectEngine extends Registry {
  readonly kinds: KindTable;
  read(ref: ObjectRef, consistency: Consistency): Promise<StoredBytes>;
  listPage(selection: Selection, options: ListOptions, fresh: Consistency): Promise<ListPage>;
  createFrom(kind: Kind, namespace: string | undefined, sent: SentObject, context: WriteContext): Promise<StoredBytes>;
  replace(ref: ObjectRef, part: ChangedPart, sent: SentObject, context: WriteContext): Promise<Outcome>;
  patch(ref: ObjectRef, part: ChangedPart, patch: ObjectPatch, context: WriteContext): Promise<Outcome>;
  remove(ref: ObjectRef, request: DeleteRequest, context: WriteContext): Promise<Outcome>;
  /** Answers what was selected, as it was before. */
  removeAll(
    kind: Kind,
    selection: Selection,
    options: ListOptions,
    request: DeleteRequest,
    context: WriteContext,
  ): Promise<ListPage>;
  scale(ref: ObjectRef, consistency: Consistency): Promise<Scale>;
  /** Sets the number of replicas to what `make` makes of the present scale; may be called several times. */
  changeScale(ref: ObjectRef, make: (current: Scale) => Scale, context: WriteContext): Promise<Scale>;
  bindPod(binding: PodBinding, context: WriteContext): Promise<void>;
  evict(ref: ObjectRef, request: DeleteRequest, context: WriteContext): Promise<void>;
  finalizeNamespace(name: string, sent: SentObject, context: WriteContext): Promise<Outcome>;
}

export function createRegistry(options: RegistryOptions): ObjectEngine {
  const { store, world, evictionGate = () => undefined } = options;
  const kinds = new KindTable(options.kinds ?? servedKinds);
  const seats = new NodeSeats(options.cache);
  const parts: EngineParts = { store, world, seats, strategies: createStrategies(options) };
  return { kinds, ...loopsSide(parts, kinds), ...edgeSide(parts, kinds, evictionGate) };
}

/** The contract of `registry.ts`: objects in, objects out. */
function loopsSide(parts: EngineParts, kinds: KindTable): Registry {
  const { store } = parts;
  const change = (ref: ObjectRef, part: ChangedPart, value: unknown, context: WriteContext): Promise<Outcome> =>
    changeObject(parts, { kind: kinds.of(ref.resource), ref, part, context, change: () => ({ value }) });
  return {
    get: refusing('read', async (ref, consistency) =>
      decodeStored(await readBytes(store, kinds.of(ref.resource), ref, consistency)),
    ),
    list: refusing('read', async (resource, namespace, consistency) => {
      const { kvs, revision } = await store.range({ ...storageRange(resource, namespace), consistency });
      return { revision, items: kvs.map(decodeStored) };
    }),
    create: refusing('write', async (resource, namespace, value, context) =>
      decodeStored(await createObject(parts, { kind: kinds.of(resource), namespace, sent: { value }, context })),
    ),
    update: refusing('write', async (ref, value, context) =>
      decodeStored((await change(ref, 'object', value, context)).bytes),
    ),
    updateStatus: refusing('write', async (ref, value, context) =>
      decodeStored((await change(ref, 'status', value, context)).bytes),
    ),
    modify: refusing('write', async (ref, part, make, context) => {
      let wanted = false;
      const outcome = await changeObject(parts, {
        kind: kinds.of(ref.resource),
        ref,
        part,
        context,
        change(current) {
          const value = make(current);
          wanted = value !== undefined;
          return wanted ? { value } : undefined;
        },
      });
      return wanted ? decodeStored(outcome.bytes) : undefined;
    }),
    delete: refusing('write', async (ref, request, context) => {
      const outcome = await deleteObject(parts, kinds.of(ref.resource), ref, request, context);
      return outcome.kind === 'deleted' ? undefined : decodeStored(outcome.bytes);
    }),
    bind: refusing('write', (namespace, pod, uid, nodeName, context, annotations) => {
      const binding = { namespace, pod, uid, nodeName, ...(annotations === undefined ? {} : { annotations }) };
      return bindPod(parts, kinds.of('pods'), binding, context);
    }),
  };
}

/** What the HTTP edge adds: bytes instead of objects. */
function edgeSide(
  parts: EngineParts,
  kinds: KindTable,
  evictionGate: EvictionGate,
): Omit<ObjectEngine, keyof Registry | 'kinds'> {
  const { store } = parts;
  const kindOf = (ref: ObjectRef): Kind => kinds.of(ref.resource);
  return {
    read: refusing('read', (ref, consistency) => readBytes(store, kindOf(ref), ref, consistency)),
    listPage: refusing('read', (selection, list, fresh) => listObjects(store, selection, list, fresh)),
    createFrom: refusing('write', (kind, namespace, sent, context) =>
      createObject(parts, { kind, namespace, sent, context }),
    ),
    replace: refusing('write', (ref, part, sent, context) =>
      changeObject(parts, { kind: kindOf(ref), ref, part, context, change: () => sent }),
    ),
    patch: refusing('write', (ref, part, patch, context) => patchObject(parts, kindOf(ref), ref, part, patch, context)),
    remove: refusing('write', async (ref, request, context) => {
      strategyOf(parts, kindOf(ref)).admitDelete?.(ref.name);
      return deleteObject(parts, kindOf(ref), ref, request, context);
    }),
    removeAll: refusing('write', (kind, selection, list, request, context) =>
      deleteCollection(parts, kind, selection, list, request, context),
    ),
    scale: refusing('read', async (ref, consistency) =>
      scaleOf(decodeStored(await readBytes(store, kindOf(ref), ref, consistency))),
    ),
    changeScale: refusing('write', (ref, make, context) => changeScale(parts, kindOf(ref), ref, make, context)),
    bindPod: refusing('write', (binding, context) => bindPod(parts, kinds.of('pods'), binding, context)),
    evict: refusing('write', (ref, request, context) =>
      evictPod(parts, kindOf(ref), ref, evictionGate, request, context),
    ),
    finalizeNamespace: refusing('write', (name, sent, context) =>
      finalizeNamespace(parts, kinds.of('namespaces'), name, sent, context),
    ),
  };
}

/** Every refusal as an `ApiError`, those of the store too. */
function refusing<A extends readonly unknown[], R>(
  doing: Doing,
  run: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  return async (...args) => {
    try {
      return await run(...args);
    } catch (error) {
      throw toApiError(error, doing);
    }
  };
}
