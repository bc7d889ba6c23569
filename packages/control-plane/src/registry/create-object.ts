import {
  ApiError,
  alreadyExists,
  badRequest,
  FaultList,
  formatTime,
  generatedName,
  generateNameConflict,
  type Kind,
  nameSuffix,
  prepareForCreate,
  validateCreate,
} from '@berth/api';
import { claimsFor, type EngineParts, groupResource, strategyOf } from './engine-parts.ts';
import { type Companions, guardedWrite, noCompanions } from './guarded-write.ts';
import { guardNamespace } from './namespace-guard.ts';
import { type ObjectDraft, refuse, storing } from './object-draft.ts';
import { readObject, type SentObject } from './read-object.ts';
import type { WriteContext } from './registry.ts';
import { storageKey } from './resource-key.ts';
import type { StateReader } from './state-reader.ts';
import type { StoredBytes } from './stored-bytes.ts';

/** Names drawn for `generateName` before giving up. */
const generatedNamesMax = 8;

export interface CreateRequest {
  readonly kind: Kind;
  /** Of the path; undefined for cluster-scoped kinds. */
  readonly namespace: string | undefined;
  readonly sent: SentObject;
  readonly context: WriteContext;
}

export async function createObject(parts: EngineParts, request: CreateRequest): Promise<StoredBytes> {
  const { kind, context } = request;
  const draft = readObject(kind, request.sent, context);
  const { metadata } = draft;
  place(request, metadata);
  if (metadata.resourceVersion !== undefined)
    throw badRequest('resourceVersion should not be set on objects to be created');
  metadata.creationTimestamp = formatTime(parts.world.clock.wallMs());
  const base = metadata.generateName;
  if (metadata.name !== undefined || base === undefined) return insert(parts, request, draft);
  for (let attempt = 0; attempt < generatedNamesMax; attempt += 1) {
    metadata.name = generatedName(
      base,
      nameSuffix((below) => parts.world.random.integer(below)),
    );
    try {
      return await insert(parts, request, draft);
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'AlreadyExists') throw error;
    }
  }
  throw generateNameConflict(groupResource(kind), base);
}

/** The namespace is that of the path; a body may repeat it. */
function place({ kind, namespace }: CreateRequest, metadata: ObjectDraft['metadata']): void {
  const sent = metadata.namespace ?? '';
  if (kind.namespaced && sent !== '' && sent !== namespace)
    throw badRequest(
      `the namespace of the provided object does not match the namespace sent on the request: ${sent} is not ${namespace}`,
    );
  if (namespace !== undefined) metadata.namespace = namespace;
}

async function insert(parts: EngineParts, request: CreateRequest, draft: ObjectDraft): Promise<StoredBytes> {
  const { kind, namespace, context } = request;
  draft.metadata.uid = parts.world.random.uuid();
  prepareForCreate(kind, draft as never);
  const name = draft.metadata.name ?? '';
  const strategy = strategyOf(parts, kind);
  // A faulty name makes no key; and what needs no look at the cluster is refused without one.
  if (strategy.admit === undefined || kind.nameFault(name) !== undefined)
    refuse(kind, draft, validateCreate(kind, draft));
  const resource = groupResource(kind);
  const written = await guardedWrite(parts.store, {
    key: storageKey({ resource: kind.resource, name, ...(namespace === undefined ? {} : { namespace }) }),
    resource,
    name,
    startFrom: 'absent',
    context,
    async decide(current, reader) {
      if (current !== undefined) throw alreadyExists(resource, name);
      const home = namespace === undefined ? noCompanions : await guardNamespace(reader, kind, namespace, name);
      const { object, claims } = await complete(parts, kind, draft, reader);
      return storing(kind, object, joined(home, claims));
    },
  });
  return written.bytes;
}

/** Admission, validation, allocation: on a copy, since all is done anew when the state turns out to be older than thought. */
async function complete(
  parts: EngineParts,
  kind: Kind,
  draft: ObjectDraft,
  reader: StateReader,
): Promise<{ readonly object: ObjectDraft; readonly claims: Companions }> {
  const { admit, allocate } = strategyOf(parts, kind);
  if (admit === undefined && allocate === undefined) return { object: draft, claims: noCompanions };
  const object = { ...draft };
  if (admit !== undefined) {
    await admit(object, reader);
    refuse(kind, object, validateCreate(kind, object));
  }
  const claims = claimsFor(parts, reader, ownerText(object));
  const faults = new FaultList();
  await allocate?.(undefined, object, claims, faults);
  refuse(kind, object, faults.faults);
  return { object, claims: claims.companions };
}

function joined(a: Companions, b: Companions): Companions {
  return { compare: [...a.compare, ...b.compare], success: [...a.success, ...b.success] };
}

function ownerText({ metadata: { namespace, name, uid } }: ObjectDraft): string {
  return JSON.stringify({ ...(namespace === undefined ? {} : { namespace }), name, uid });
}
