import type { MemberAddress, Store } from '@berth/store';
import { serverList } from '../cluster/server-list.ts';
import { formatIpv4, parseIpv4Range } from '../registry/allocation/ipv4-range.ts';
import { storageKey } from '../registry/resource-key.ts';
import type { ClusterSettings } from '../security/join-messages.ts';
import type { ClusterDirectory } from '../security/join-service.ts';
import type { ServerStore } from './server-store.ts';

/** The first address of the service range belongs to the service `kubernetes`. */
export function kubernetesServiceIp({ serviceCidr }: ClusterSettings): string {
  return formatIpv4(parseIpv4Range(serviceCidr).first + 1);
}

/** Names under which every server answers, so that clients inside and outside find it in the certificate. */
export function commonServerNames(settings: ClusterSettings): readonly string[] {
  return [
    'localhost',
    '127.0.0.1',
    '::1',
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    `kubernetes.default.svc.${settings.clusterDomain}`,
    kubernetesServiceIp(settings),
  ];
}

/** The cluster as those who admit new machines see it. */
export function clusterDirectory(
  { addMember, store }: Pick<ServerStore, 'addMember' | 'store'>,
  settings: ClusterSettings,
  self: MemberAddress,
): ClusterDirectory {
  return {
    clusterId: store.clusterId,
    settings,
    commonServerNames: commonServerNames(settings),
    servers: () => serverList(store, self),
    addServer: addMember,
    isPresent: async (kind, name) =>
      kind === 'node' ? await nodeExists(store, name) : store.status().members.some((member) => member.name === name),
  };
}

async function nodeExists(store: Pick<Store, 'range'>, name: string): Promise<boolean> {
  const from = storageKey({ resource: 'nodes', name });
  const { count } = await store.range({ from, countOnly: true, consistency: { kind: 'linearizable' } });
  return count > 0;
}
