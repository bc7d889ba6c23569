import type { ApiClient } from '../client/api-client.ts';
import type { ResourceInfo } from '../client/resources.ts';

export interface GetOptions {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly fieldSelector?: string;
  readonly output?: 'wide' | 'yaml' | 'json' | 'name';
  readonly watch?: boolean;
}

/** Where to look; undefined for objects of the cluster, and for all namespaces. */
export function namespaceOf(
  client: Pick<ApiClient, 'namespace'>,
  resource: ResourceInfo,
  options: GetOptions,
): string | undefined {
  return resource.namespaced && options.allNamespaces !== true ? (options.namespace ?? client.namespace) : undefined;
}
