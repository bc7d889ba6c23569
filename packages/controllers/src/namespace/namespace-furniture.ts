import type { ConfigMap, Namespace, ServiceAccount, Stored } from '@berth/api';
import type { AnyObject, Controller, NewObject, Plan, ReconcileKey, Resource, View } from '../controller.ts';
import { keyOf } from '../object-key.ts';
import { isDeleting } from '../ownership.ts';
import { sameValue } from '../sameness.ts';
import type { ControllerSettings } from '../settings.ts';

/** Gives each namespace the service account that pods use when they name none. */
export const serviceAccountController: Controller = {
  name: 'service-account',
  watches: watchesFor('serviceaccounts', 'default'),
  reconcile(view, key): Plan {
    if (!isOpen(view, key) || view.get('serviceaccounts', keyOf(key, 'default')) !== undefined) return { writes: [] };
    const metadata = { name: 'default', namespace: key };
    const object: NewObject & Partial<ServiceAccount> = { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
    return { writes: [{ kind: 'create', resource: 'serviceaccounts', object }] };
  },
};

const rootCaName = 'kube-root-ca.crt';
const rootCaDescription =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal ' +
  'service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Gives each namespace the certificate that pods verify the API server with, and repairs it when somebody changes it. */
export function rootCaController(settings: Pick<ControllerSettings, 'rootCaPem'>): Controller {
  const data = { 'ca.crt': settings.rootCaPem };
  return {
    name: 'root-ca',
    watches: watchesFor('configmaps', rootCaName),
    reconcile(view, key): Plan {
      if (!isOpen(view, key)) return { writes: [] };
      const existing = view.get<Stored<ConfigMap>>('configmaps', keyOf(key, rootCaName));
      if (existing === undefined) {
        const annotations = { 'kubernetes.io/description': rootCaDescription };
        const metadata = { name: rootCaName, namespace: key, annotations };
        const object: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
        return { writes: [{ kind: 'create', resource: 'configmaps', object }] };
      }
      if (isDeleting(existing) || (sameValue(existing.data, data) && existing.binaryData === undefined)) {
        return { writes: [] };
      }
      const { binaryData: _foreign, ...kept } = existing;
      const object: Stored<ConfigMap> = { ...kept, data };
      return { writes: [{ kind: 'update', resource: 'configmaps', object }] };
    },
  };
}

/** Keys are names of namespaces; woken by the namespaces and by the one object in each that is looked after. */
function watchesFor(resource: Resource, name: string): Controller['watches'] {
  const namespaceOf = ({ metadata }: AnyObject): readonly ReconcileKey[] =>
    metadata.name === name && metadata.namespace !== undefined ? [metadata.namespace] : [];
  return [
    { resource: 'namespaces', keys: ({ metadata }) => [metadata.name] },
    { resource, keys: namespaceOf },
  ];
}

function isOpen(view: View, namespace: string): boolean {
  const found = view.get<Stored<Namespace>>('namespaces', namespace);
  return found !== undefined && !isDeleting(found);
}
