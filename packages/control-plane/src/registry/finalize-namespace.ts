import { deepEqual, type Kind, notFound } from '@berth/api';
import { checkPreconditions } from './change-object.ts';
import { type EngineParts, groupResource } from './engine-parts.ts';
import { guardedWrite, noCompanions, type Outcome } from './guarded-write.ts';
import { type ObjectDraft, storing } from './object-draft.ts';
import { readObject, type SentObject } from './read-object.ts';
import type { WriteContext } from './registry.ts';
import { storageKey } from './resource-key.ts';
import { decodeStored } from './stored-object.ts';
import { namespaceFinalizers } from './strategies/namespace-strategy.ts';

/**
 * Replaces the finalizers of a namespace's spec, which `/finalize` alone may do. A marked namespace that loses the last one
 * is gone.
 */
export function finalizeNamespace(
  parts: EngineParts,
  kind: Kind,
  name: string,
  sent: SentObject,
  context: WriteContext,
): Promise<Outcome> {
  const resource = groupResource(kind);
  return guardedWrite(parts.store, {
    key: storageKey({ resource: kind.resource, name }),
    resource,
    name,
    startFrom: 'stored',
    context,
    decide(kv) {
      if (kv === undefined) throw notFound(resource, name);
      const before = decodeStored(kv);
      const wanted = readObject(kind, sent, context);
      checkPreconditions(kind, { resource: kind.resource, name }, wanted, before);
      const draft = structuredClone(before) as unknown as ObjectDraft;
      draft['spec'] = { ...(before['spec'] as object | undefined), finalizers: namespaceFinalizers(wanted) };
      const finished =
        draft.metadata.deletionTimestamp !== undefined &&
        (draft.metadata.finalizers?.length ?? 0) === 0 &&
        namespaceFinalizers(draft).length === 0;
      if (finished) return { kind: 'delete', companions: noCompanions };
      if (deepEqual(draft, before)) return { kind: 'keep' };
      return storing(kind, draft, noCompanions);
    },
  });
}
