import { ApiError } from '@berth/api';
import type { AnyObject, Plan, Refusal, Write } from '@berth/controllers';
import type { DeleteRequest, ObjectRef, StoredObject, WriteContext } from '../registry/registry.ts';
import type { Departed, Written } from './cache-barrier.ts';
import type { LoopRegistry } from './loop-ports.ts';
import { failureOf, type WriteFailure } from './write-outcome.ts';

/** How a plan ended. All but `done` end at the first write that failed. */
export type PlanOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: Exclude<WriteFailure, 'refused'>; readonly error: unknown };

export interface PlanExecutionOptions {
  readonly registry: LoopRegistry;
  readonly context: WriteContext;
  /** Called after each write that succeeded; `name` is the one the registry gave. */
  onWritten(write: Write, name: string): void;
}

type StatusWrite = Write & { readonly kind: 'updateStatus' };
type DeleteWrite = Write & { readonly kind: 'delete' };

const sideBySideMax = 64;

/** Carries out one plan, once. */
export class PlanExecution {
  readonly #options: PlanExecutionOptions;
  /** By uid: where a later write of this plan to the same object goes on from. */
  readonly #versions = new Map<string, string>();
  readonly #departed: Departed[] = [];
  #revision = 0;

  constructor(options: PlanExecutionOptions) {
    this.#options = options;
  }

  /** What the cache must have taken in before the key is looked at again. */
  get written(): Written {
    return { revision: this.#revision, departed: this.#departed };
  }

  async run({ writes }: Plan): Promise<PlanOutcome> {
    for (const neighbours of runsOf(writes)) {
      // 1, 2, 4 …: if the first is refused, most likely all are, and hundreds of vain writes are saved.
      for (let at = 0, size = 1; at < neighbours.length; at += size, size = Math.min(sideBySideMax, size * 2)) {
        const failure = await this.#sideBySide(neighbours.slice(at, at + size));
        if (failure !== undefined) return failure;
      }
    }
    return { kind: 'done' };
  }

  async #sideBySide(writes: readonly Write[]): Promise<PlanOutcome | undefined> {
    const outcomes = await Promise.all(writes.map((write) => this.#attempt(write)));
    return outcomes.find((outcome) => outcome !== undefined);
  }

  async #attempt(write: Write): Promise<PlanOutcome | undefined> {
    try {
      const written = await this.#carryOut(write);
      this.#options.onWritten(write, written);
      return undefined;
    } catch (error) {
      const failure = failureOf(error);
      if (failure !== 'refused') return { kind: failure, error };
      const { reason, message } = error as { readonly reason: string; readonly message: string };
      return { kind: 'refused', refusal: { write, reason, message } };
    }
  }

  /** Answers the object's name. */
  async #carryOut(write: Write): Promise<string> {
    const { registry, context } = this.#options;
    switch (write.kind) {
      case 'create':
        return this.#note(
          await registry.create(write.resource, write.object.metadata.namespace, write.object, context),
        );
      case 'update':
        return this.#note(
          await registry.update(refOf(write.resource, write.object), this.#latest(write.object), context),
        );
      case 'updateStatus':
        return this.#updateStatus(write);
      case 'finalizeNamespace':
        return this.#finalize(write.object);
      case 'delete':
        return this.#delete(write);
      case 'event':
        return write.about.metadata.name;
      default:
        return unreachable(write);
    }
  }

  async #updateStatus({ resource, object, alsoAnnotations }: StatusWrite): Promise<string> {
    const { registry, context } = this.#options;
    const ref = refOf(resource, object);
    const value = this.#latest(object);
    if (alsoAnnotations !== true) return this.#note(await registry.updateStatus(ref, value, context));
    const { bytes } = await registry.replace(ref, 'status-and-labels', { value }, context);
    return this.#note({ metadata: { ...object.metadata, resourceVersion: String(bytes.modRevision) } });
  }

  async #finalize(namespace: AnyObject): Promise<string> {
    const value = this.#latest(namespace);
    const { name, uid, resourceVersion } = value.metadata;
    await this.#options.registry.finalizeNamespace(name, { value }, this.#options.context);
    this.#departed.push({ resource: 'namespaces', key: name, uid, from: resourceVersion });
    return name;
  }

  async #delete(write: DeleteWrite): Promise<string> {
    const { resource, key, uid } = write;
    const [name = '', namespace] = key.split('/').reverse();
    const ref = { resource, name, ...(namespace === undefined ? {} : { namespace }) };
    const marked = await this.#options.registry
      .delete(ref, this.#deleteRequest(write), this.#options.context)
      .catch((error: unknown) => {
        // Somebody was faster: what was wanted is done.
        if (error instanceof ApiError && error.reason === 'NotFound') return undefined;
        throw error;
      });
    if (marked === undefined) this.#departed.push({ resource, key, uid });
    else this.#note(marked);
    return name;
  }

  #deleteRequest({ uid, resourceVersion, gracePeriodSeconds, propagation }: DeleteWrite): DeleteRequest {
    const version = resourceVersion === undefined ? undefined : (this.#versions.get(uid) ?? resourceVersion);
    return {
      preconditions: { uid, ...(version === undefined ? {} : { resourceVersion: version }) },
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
      ...(propagation === undefined ? {} : { propagation }),
    };
  }

  #note({ metadata }: Pick<StoredObject, 'metadata'>): string {
    this.#versions.set(metadata.uid, metadata.resourceVersion);
    this.#revision = Math.max(this.#revision, Number(metadata.resourceVersion));
    return metadata.name;
  }

  /** The object as decided on, at the version that an earlier write of this plan gave it. */
  #latest<T extends AnyObject>(object: T): T {
    const resourceVersion = this.#versions.get(object.metadata.uid);
    return resourceVersion === undefined ? object : { ...object, metadata: { ...object.metadata, resourceVersion } };
  }
}

/** Splits into runs of writes that do not depend on each other: one kind, one resource, no object twice. */
function runsOf(writes: readonly Write[]): readonly (readonly Write[])[] {
  const runs: Write[][] = [];
  let before: Write | undefined;
  let uids = new Set<string>();
  for (const write of writes) {
    const uid = uidOf(write);
    if (before === undefined || !areNeighbours(before, write) || (uid !== undefined && uids.has(uid))) {
      runs.push([]);
      uids = new Set();
    }
    runs.at(-1)?.push(write);
    if (uid !== undefined) uids.add(uid);
    before = write;
  }
  return runs;
}

function areNeighbours(left: Write, right: Write): boolean {
  return left.kind === right.kind && resourceOf(left) === resourceOf(right);
}

function resourceOf(write: Write): string | undefined {
  return 'resource' in write ? write.resource : undefined;
}

function uidOf(write: Write): string | undefined {
  if (write.kind === 'delete') return write.uid;
  return 'object' in write ? write.object.metadata.uid : undefined;
}

function refOf(resource: string, { metadata: { namespace, name } }: AnyObject): ObjectRef {
  return { resource, name, ...(namespace === undefined ? {} : { namespace }) };
}

function unreachable(write: never): never {
  throw new TypeError(`unknown write ${JSON.stringify(write)}`);
}
