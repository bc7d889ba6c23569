import type { Kind } from '@berth/api';
import { ApiError, forbidden, type Namespace, notFound } from '@berth/api';
import { groupResource } from './engine-parts.ts';
import type { Companions } from './guarded-write.ts';
import { storageKey } from './resource-key.ts';
import type { StateReader } from './state-reader.ts';
import { decodeStored } from './stored-object.ts';

/**
 * New objects only go into namespaces that exist and are not being emptied. The namespace as it was read becomes a condition of the
 * transaction, so that nothing slips in behind the namespace controller's last look.
 */
export async function guardNamespace(
  reader: StateReader,
  kind: Kind,
  namespace: string,
  name: string,
): Promise<Companions> {
  const key = storageKey({ resource: 'namespaces', name: namespace });
  const kv = await reader.get(key);
  if (kv === undefined) throw notFound({ group: '', resource: 'namespaces' }, namespace);
  const stored = decodeStored(kv) as unknown as Namespace;
  if (stored.metadata.deletionTimestamp !== undefined || stored.status?.phase === 'Terminating')
    throw beingTerminated(kind, namespace, name);
  return { compare: [{ key, target: 'mod', is: '=', revision: kv.modRevision }], success: [] };
}

function beingTerminated(kind: Kind, namespace: string, name: string): ApiError {
  const refusal = forbidden(
    groupResource(kind),
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  return new ApiError('Forbidden', refusal.message, { ...refusal.status.details, causes: [cause] });
}
