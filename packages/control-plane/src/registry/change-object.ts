import {
  badRequest,
  deepEqual,
  FaultList,
  type Kind,
  notFound,
  objectModified,
  preconditionFailed,
  prepareForUpdate,
  validateStatusUpdate,
  validateUpdate,
  withStatus,
} from '@berth/api';
import { claimsFor, type EngineParts, groupResource, strategyOf } from './engine-parts.ts';
import { type Decision, guardedWrite, noCompanions, type Outcome } from './guarded-write.ts';
import { type ObjectDraft, refuse, storing } from './object-draft.ts';
import { readObject, type SentObject } from './read-object.ts';
import type { ObjectRef, StoredObject, WriteContext } from './registry.ts';
import { storageKey } from './resource-key.ts';
import type { StateReader } from './state-reader.ts';
import { decodeStored } from './stored-object.ts';

/**
 * Which part of an object a change may touch. `status` alone is for the loops and agents; through the `/status` path
 * clients may also set labels and annotations, as with Kubernetes.
 */
export type ChangedPart = 'object' | 'status' | 'status-and-labels';

export interface ChangeRequest {
  readonly kind: Kind;
  readonly ref: ObjectRef;
  readonly part: ChangedPart;
  readonly context: WriteContext;
  /** Makes the next object of the stored one; undefined when nothing is to be done. May be called several times. */
  change(current: StoredObject): SentObject | undefined;
}

/** Replaces an object, or its status, by what `change` makes of it; deletes it when its last finalizer goes. */
export function changeObject(parts: EngineParts, request: ChangeRequest): Promise<Outcome> {
  const { kind, ref, context } = request;
  const resource = groupResource(kind);
  return guardedWrite(parts.store, {
    key: storageKey(ref),
    resource,
    name: ref.name,
    startFrom: 'stored',
    context,
    async decide(kv, reader) {
      if (kv === undefined) throw notFound(resource, ref.name);
      const before = decodeStored(kv);
      const sent = request.change(before);
      if (sent === undefined) return { kind: 'keep' };
      const draft = readObject(kind, sent, context);
      checkPreconditions(kind, ref, draft, before);
      if (request.part !== 'object') return changeStatus(request, draft, before);
      return changeWhole(parts, kind, draft, before, reader);
    },
  });
}

async function changeWhole(
  parts: EngineParts,
  kind: Kind,
  draft: ObjectDraft,
  before: StoredObject,
  reader: StateReader,
): Promise<Decision> {
  const strategy = strategyOf(parts, kind);
  keepIdentity(draft, before);
  prepareForUpdate(kind, draft as never, before);
  refuse(kind, draft, validateUpdate(kind, draft, before));
  const claims = claimsFor(parts, reader, before.metadata.name);
  if (isFinished(draft) && strategy.isHeld?.(draft) !== true) {
    strategy.free?.(before, claims);
    return { kind: 'delete', companions: claims.companions };
  }
  if (deepEqual(draft, before)) return { kind: 'keep' };
  const faults = new FaultList();
  await strategy.allocate?.(before, draft, claims, faults);
  refuse(kind, draft, faults.faults);
  return storing(kind, draft, claims.companions);
}

function changeStatus({ kind, part }: ChangeRequest, sent: ObjectDraft, before: StoredObject): Decision {
  const labelsAndAnnotations = part === 'status' ? 'kept' : 'taken';
  const draft = withStatus(before, sent, { labelsAndAnnotations }) as unknown as ObjectDraft;
  if (deepEqual(draft, before)) return { kind: 'keep' };
  refuse(kind, draft, validateStatusUpdate(kind, draft, before));
  return storing(kind, draft, noCompanions);
}

/** What the sent object says of name, uid and version must be so. */
export function checkPreconditions(kind: Kind, ref: ObjectRef, { metadata }: ObjectDraft, before: StoredObject): void {
  const resource = groupResource(kind);
  if ((metadata.name ?? ref.name) !== ref.name)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${ref.name})`);
  if (kind.namespaced && (metadata.namespace ?? ref.namespace) !== ref.namespace)
    throw badRequest(
      `the namespace of the object (${metadata.namespace}) does not match the namespace on the URL (${ref.namespace})`,
    );
  if (metadata.uid !== undefined && metadata.uid !== before.metadata.uid)
    throw preconditionFailed(resource, ref.name, 'UID', metadata.uid, before.metadata.uid);
  if (metadata.resourceVersion !== undefined && metadata.resourceVersion !== before.metadata.resourceVersion)
    throw objectModified(resource, ref.name);
}

/** What a client may leave out because the path says it, and what the store alone knows. */
function keepIdentity({ metadata }: ObjectDraft, { metadata: before }: StoredObject): void {
  metadata.name = before.name;
  if (before.namespace !== undefined) metadata.namespace = before.namespace;
  metadata.resourceVersion = before.resourceVersion;
  if (before.generateName !== undefined) metadata.generateName = before.generateName;
  delete metadata.selfLink;
}

/** Marked for deletion, past its grace, and nobody left who wants it kept. */
function isFinished({ metadata }: ObjectDraft): boolean {
  return (
    metadata.deletionTimestamp !== undefined &&
    (metadata.deletionGracePeriodSeconds ?? 0) === 0 &&
    (metadata.finalizers?.length ?? 0) === 0
  );
}
