import { deepEqual, formatTime, type Kind, notFound, parseTime, preconditionFailed } from '@berth/api';
import { claimsFor, type EngineParts, groupResource, strategyOf } from './engine-parts.ts';
import { guardedWrite, noCompanions, type Outcome } from './guarded-write.ts';
import { type ObjectDraft, storing } from './object-draft.ts';
import type { DeleteRequest, ObjectRef, StoredObject, WriteContext } from './registry.ts';
import { storageKey } from './resource-key.ts';
import { decodeStored } from './stored-object.ts';

/** Keeps the owner until the garbage collector has removed its dependents. */
const foregroundFinalizer = 'foregroundDeletion';
/** Keeps the owner until the garbage collector has taken the owner's name off its dependents. */
const orphanFinalizer = 'orphan';

/**
 * Removes an object at once, or marks it: when its end takes time (pods), when finalizers or the kind itself keep it, or when the
 * propagation policy wants its dependents dealt with first.
 */
export function deleteObject(
  parts: EngineParts,
  kind: Kind,
  ref: ObjectRef,
  request: DeleteRequest,
  context: WriteContext,
): Promise<Outcome> {
  const resource = groupResource(kind);
  const strategy = strategyOf(parts, kind);
  return guardedWrite(parts.store, {
    key: storageKey(ref),
    resource,
    name: ref.name,
    startFrom: 'stored',
    context,
    decide(kv, reader) {
      if (kv === undefined) throw notFound(resource, ref.name);
      const before = decodeStored(kv);
      checkPreconditions(kind, request, before);
      const graceSeconds = strategy.gracePeriodSeconds?.(before, request.gracePeriodSeconds) ?? 0;
      const finalizers = finalizersFor(before.metadata.finalizers ?? [], request.propagation);
      const draft = structuredClone(before) as unknown as ObjectDraft;
      if (finalizers.length === 0) delete draft.metadata.finalizers;
      else draft.metadata.finalizers = [...finalizers];
      if (graceSeconds === 0 && finalizers.length === 0 && strategy.isHeld?.(draft) !== true) {
        const claims = claimsFor(parts, reader, ref.name);
        strategy.free?.(before, claims);
        return { kind: 'delete', companions: claims.companions };
      }
      mark(draft, before, graceSeconds, parts.world.clock.wallMs());
      if (before.metadata.deletionTimestamp === undefined) strategy.markDeleted?.(draft);
      return deepEqual(draft, before) ? { kind: 'keep' } : storing(kind, draft, noCompanions);
    },
  });
}

/** The deadline can be brought forward later, never put off. */
function mark({ metadata }: ObjectDraft, before: StoredObject, graceSeconds: number, nowMs: number): void {
  const { deletionTimestamp, deletionGracePeriodSeconds: promised = 0, generation } = before.metadata;
  if (deletionTimestamp === undefined) {
    metadata.deletionTimestamp = formatTime(nowMs + graceSeconds * 1000);
    metadata.deletionGracePeriodSeconds = graceSeconds;
    if (generation !== undefined && generation > 0) metadata.generation = generation + 1;
    return;
  }
  if (graceSeconds >= promised) return;
  const markedMs = (parseTime(deletionTimestamp) ?? nowMs) - promised * 1000;
  metadata.deletionTimestamp = formatTime(markedMs + graceSeconds * 1000);
  metadata.deletionGracePeriodSeconds = graceSeconds;
}

/** The policy chooses between the two finalizers of the garbage collector; without one, what is there stays. */
function finalizersFor(present: readonly string[], propagation: DeleteRequest['propagation']): readonly string[] {
  if (propagation === undefined) return present;
  const others = present.filter((finalizer) => finalizer !== foregroundFinalizer && finalizer !== orphanFinalizer);
  switch (propagation) {
    case 'Background':
      return others;
    case 'Foreground':
      return [...others, foregroundFinalizer];
    case 'Orphan':
      return [...others, orphanFinalizer];
    default:
      return propagation satisfies never;
  }
}

function checkPreconditions(kind: Kind, { preconditions }: DeleteRequest, { metadata }: StoredObject): void {
  if (preconditions === undefined) return;
  const { uid, resourceVersion } = preconditions;
  const resource = groupResource(kind);
  if (uid !== undefined && uid !== metadata.uid)
    throw preconditionFailed(resource, metadata.name, 'UID', uid, metadata.uid);
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw preconditionFailed(resource, metadata.name, 'ResourceVersion', resourceVersion, metadata.resourceVersion);
}
