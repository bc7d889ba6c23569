import { isIP } from 'node:net';
import type { ApiServerAddress } from '@berth/controllers';
import type { MemberAddress, Store } from '@berth/store';

/** The servers of the cluster as this one knows them, ascending by name; itself is always among them. */
export function serverList(store: Pick<Store, 'status'>, self: MemberAddress): readonly MemberAddress[] {
  const { leadership, members } = store.status();
  const known = new Map<string, MemberAddress>([[self.name, self]]);
  // An engine without members of its own (etcd) still knows who leads.
  if (leadership.kind === 'follower') known.set(leadership.leader.name, leadership.leader);
  for (const member of members) known.set(member.name, member);
  return [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Where pods reach the API: servers that advertise a name instead of an address are left out, as endpoints are addresses. */
export function apiServerAddresses(
  store: Pick<Store, 'status'>,
  self: MemberAddress,
): () => readonly ApiServerAddress[] {
  return () =>
    serverList(store, self).flatMap(({ apiAddress }) => {
      const at = apiAddress.lastIndexOf(':');
      const ip = apiAddress.slice(0, at).replace(/^\[(.*)\]$/, '$1');
      return isIP(ip) === 0 ? [] : [{ ip, port: Number(apiAddress.slice(at + 1)) }];
    });
}

/** `host:port`, with brackets around an IPv6 address. */
export function hostAndPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
