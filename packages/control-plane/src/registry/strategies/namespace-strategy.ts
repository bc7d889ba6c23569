import { forbidden } from '@berth/api';
import type { KindStrategy } from '../kind-strategy.ts';

/** Who must finish before the namespace goes; `kubernetes` stands for the namespace controller, which empties it. */
export function namespaceFinalizers(namespace: Readonly<Record<string, unknown>>): readonly string[] {
  const spec = namespace['spec'] as { readonly finalizers?: readonly string[] } | undefined;
  return spec?.finalizers ?? [];
}

/** Every cluster has them, and what runs the cluster relies on them. */
const permanent = new Set(['default', 'kube-system', 'kube-public']);

/** A namespace goes when it is empty: deleting it only marks it, and shuts it for new objects. */
export const namespaceStrategy: KindStrategy = {
  admitDelete(name) {
    if (permanent.has(name))
      throw forbidden({ group: '', resource: 'namespaces' }, name, 'this namespace may not be deleted');
  },
  markDeleted(draft) {
    draft['status'] = { ...(draft['status'] as object | undefined), phase: 'Terminating' };
  },
  isHeld: (object) => namespaceFinalizers(object).length > 0,
};
