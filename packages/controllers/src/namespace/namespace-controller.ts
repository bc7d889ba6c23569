import type { Namespace, NamespaceStatus, Stored } from '@berth/api';
import type { AnyObject, Controller, Plan, ReconcileKey, View, Write } from '../controller.ts';
import { objectKey } from '../object-key.ts';
import { isDeleting } from '../ownership.ts';
import { sameValue } from '../sameness.ts';
import type { ControllerSettings } from '../settings.ts';
import { deletionConditions } from './namespace-conditions.ts';
import { contentOf, deletable } from './namespace-content.ts';

/** In `spec.finalizers` of every namespace: its content goes first. */
const finalizer = 'kubernetes';

/** Deletions in one plan. */
const batch = 500;

/** Empties namespaces that are being deleted, then lets them go. */
export function namespaceController(settings: Pick<ControllerSettings, 'kinds'>): Controller {
  const content = settings.kinds.filter(({ namespaced }) => namespaced);
  return {
    name: 'namespace',
    watches: [
      { resource: 'namespaces', keys: ({ metadata }) => [metadata.name] },
      ...content.map(({ resource }) => ({ resource, keys: terminatingNamespace })),
    ],
    reconcile(view, key, now): Plan {
      const namespace = view.get<Stored<Namespace>>('namespaces', key);
      if (namespace === undefined || !isDeleting(namespace)) return { writes: [] };
      const remaining = contentOf(key, view, content);
      const deletions = deletable(remaining).flatMap(({ kind, objects }) =>
        objects.map((object) => deletion(kind.resource, object)),
      );
      const status: NamespaceStatus = {
        ...namespace.status,
        phase: 'Terminating',
        conditions: deletionConditions(namespace.status?.conditions, remaining, now),
      };
      return {
        writes: [
          ...deletions.slice(0, batch),
          ...(remaining.length === 0 ? finalization(namespace) : statusWrites(namespace, status)),
        ],
      };
    },
  };
}

/** While a namespace is being deleted, every change in it may be the one that was waited for. */
function terminatingNamespace({ metadata }: AnyObject, view: View): readonly ReconcileKey[] {
  const namespace = view.get('namespaces', metadata.namespace ?? '');
  return namespace !== undefined && isDeleting(namespace) ? [namespace.metadata.name] : [];
}

function deletion(resource: string, object: AnyObject): Write {
  return { kind: 'delete', resource, key: objectKey(object), uid: object.metadata.uid };
}

function statusWrites(namespace: Stored<Namespace>, status: NamespaceStatus): readonly Write[] {
  if (sameValue(namespace.status, status)) return [];
  const object: Stored<Namespace> = { ...namespace, status };
  return [{ kind: 'updateStatus', resource: 'namespaces', object }];
}

/** The last finalizer gone, the registry removes the namespace. */
function finalization(namespace: Stored<Namespace>): readonly Write[] {
  const finalizers = namespace.spec.finalizers ?? [];
  if (!finalizers.includes(finalizer)) return [];
  const object: Stored<Namespace> = {
    ...namespace,
    spec: { ...namespace.spec, finalizers: finalizers.filter((other) => other !== finalizer) },
  };
  return [{ kind: 'finalizeNamespace', object }];
}
