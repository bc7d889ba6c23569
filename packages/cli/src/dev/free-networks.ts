import { readFileSync } from 'node:fs';

/** The networks of a local cluster, none of which this machine uses otherwise. */
export interface ClusterNetworks {
  /** First two octets of all host addresses, e.g. `10.89`. */
  readonly hosts: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
}

/** A block of IPv4 addresses as two numbers. */
export interface Block {
  readonly base: number;
  readonly mask: number;
}

/** The usual second octet first, then those that are tried when it is taken. */
const wishes = {
  hosts: [89, 240],
  pods: [244, 255],
  services: [96, 140],
} as const;

/** Networks that no route of this machine leads into; its default route does not count. */
export function freeNetworks(
  taken: readonly Block[] = routedBlocks(readFileSync('/proc/net/route', 'utf8')),
): ClusterNetworks {
  const hosts = freeOctet(wishes.hosts, taken);
  const pods = freeOctet(wishes.pods, [...taken, blockOf(hosts)]);
  const services = freeOctet(wishes.services, [...taken, blockOf(hosts), blockOf(pods)]);
  return { hosts: `10.${hosts}`, podCidr: `10.${pods}.0.0/16`, serviceCidr: `10.${services}.0.0/16` };
}

/** The table of `/proc/net/route`: addresses in hexadecimal, least significant byte first. */
export function routedBlocks(table: string): readonly Block[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .filter(({ length }) => length > 7)
    .map((fields) => ({ base: hostOrder(fields[1] ?? ''), mask: hostOrder(fields[7] ?? '') }))
    .filter(({ mask }) => mask !== 0);
}

function hostOrder(text: string): number {
  return Buffer.from(text, 'hex').readUInt32LE();
}

function freeOctet([first, last]: readonly [number, number], taken: readonly Block[]): number {
  for (let octet = first; octet <= last; octet++) {
    const wanted = blockOf(octet);
    if (!taken.some((block) => overlap(block, wanted))) return octet;
  }
  throw new Error(`this machine has routes into all networks from 10.${first}.0.0/16 to 10.${last}.0.0/16`);
}

function blockOf(secondOctet: number): Block {
  return { base: 10 * 2 ** 24 + secondOctet * 2 ** 16, mask: 0xffff0000 };
}

function overlap(one: Block, other: Block): boolean {
  const mask = one.mask & other.mask;
  return (one.base & mask) === (other.base & mask);
}
