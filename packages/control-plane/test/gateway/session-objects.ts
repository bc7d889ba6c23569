import type { GatewayBench } from './gateway-bench.ts';

export const web = { resource: 'pods', namespace: 'default', name: 'web' };

export function pod(nodeName: string, spec: object = {}, metadata: object = {}): Record<string, unknown> {
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata,
    spec: { nodeName, containers: [{ name: 'c', image: 'i' }], serviceAccountName: 'default', ...spec },
  };
}

type ConfigResource = 'configmaps' | 'secrets' | 'serviceaccounts';

export async function putConfig(
  bench: GatewayBench,
  resource: ConfigResource,
  name: string,
  data: object = {},
): Promise<void> {
  const kind = { configmaps: 'ConfigMap', secrets: 'Secret', serviceaccounts: 'ServiceAccount' }[resource];
  await bench.registry.put({ resource, namespace: 'default', name }, { kind, apiVersion: 'v1', ...data });
}
