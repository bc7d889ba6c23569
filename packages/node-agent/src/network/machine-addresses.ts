import type { HostCommands } from '../host/host-commands.ts';
import { blockOf, type Cidr, contains, parseIpv4 } from './ipv4.ts';

/** The IPv4 addresses of this network namespace, with the blocks that can be reached without a router. */
export interface MachineAddresses {
  isOwn(address: string): boolean;
  isOnLink(address: string): boolean;
}

interface Interface {
  readonly addr_info?: readonly { readonly local?: string; readonly prefixlen?: number }[];
}

/** Asks `ip`: Node itself leaves out interfaces that have no carrier, such as a bridge without pods. */
export async function machineAddresses(commands: HostCommands): Promise<MachineAddresses> {
  const interfaces = JSON.parse(await commands.run('ip', ['-json', '-4', 'address', 'show'])) as readonly Interface[];
  const found = interfaces.flatMap(({ addr_info }) => addr_info ?? []).filter(({ local }) => local !== undefined);
  const own = new Set(found.map(({ local }) => local));
  const blocks = found
    .map(({ local, prefixlen }): Cidr => blockOf(parseIpv4(local ?? ''), prefixlen ?? 32))
    .filter(({ prefix }) => prefix < 32);
  return {
    isOwn: (address) => own.has(address),
    isOnLink: (address) => blocks.some((block) => contains(block, parseIpv4(address))),
  };
}
