import type { Controller, Plan } from '../controller.ts';

/** Those that Kubernetes has from the start. */
const systemNamespaces: readonly string[] = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** Makes the namespaces that every client expects, and makes them again should one go. */
export const systemNamespacesController: Controller = {
  name: 'system-namespaces',
  watches: [
    {
      resource: 'namespaces',
      keys: ({ metadata }) => (systemNamespaces.includes(metadata.name) ? [metadata.name] : []),
    },
  ],
  standingKeys: systemNamespaces,
  reconcile(view, key): Plan {
    if (view.get('namespaces', key) !== undefined) return { writes: [] };
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: key } };
    return { writes: [{ kind: 'create', resource: 'namespaces', object }] };
  },
};
