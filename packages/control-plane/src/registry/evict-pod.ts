import { disruptionBudgetExceeded, type Kind, notFound, type PodStatus } from '@berth/api';
import { deleteObject } from './delete-object.ts';
import type { EngineParts } from './engine-parts.ts';
import type { DeleteRequest, ObjectRef, StoredObject, WriteContext } from './registry.ts';
import { storageKey } from './resource-key.ts';
import { StateReader } from './state-reader.ts';
import { decodeStored } from './stored-object.ts';

/**
 * Says why a running pod may not be evicted now, e.g. `The disruption budget web needs 2 healthy pods and has 2 currently`, or
 * undefined when it may.
 */
export type EvictionGate = (pod: StoredObject) => string | undefined;

/** Deletes a pod unless a disruption budget forbids it. Pods that do not run yet or have ended are in nobody's budget. */
export async function evictPod(
  parts: EngineParts,
  kind: Kind,
  ref: ObjectRef,
  gate: EvictionGate,
  request: DeleteRequest,
  context: WriteContext,
): Promise<void> {
  const kv = await new StateReader(parts.store, { kind: 'linearizable' }).get(storageKey(ref));
  if (kv === undefined) throw notFound({ group: kind.group, resource: kind.plural }, ref.name);
  const pod = decodeStored(kv);
  if (countsForBudgets(pod)) {
    const refusal = gate(pod);
    if (refusal !== undefined) throw disruptionBudgetExceeded(refusal);
  }
  const { uid } = pod.metadata;
  await deleteObject(parts, kind, ref, { ...request, preconditions: { uid, ...request.preconditions } }, context);
}

function countsForBudgets({ metadata, status }: StoredObject): boolean {
  const { phase } = (status as PodStatus | undefined) ?? {};
  const over = phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending';
  return !over && metadata.deletionTimestamp === undefined;
}
