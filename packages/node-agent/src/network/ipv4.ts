import { isIPv4 } from 'node:net';

/** A block of IPv4 addresses; `base` has no bits set beyond the prefix. */
export interface Cidr {
  readonly base: number;
  readonly prefix: number;
}

/** An address as a number in [0, 2^32). Throws a RangeError on anything but four decimal parts without leading zeros. */
export function parseIpv4(text: string): number {
  if (!isIPv4(text)) throw new RangeError(`an IPv4 address such as 10.0.0.1 is wanted, got ${JSON.stringify(text)}`);
  return text.split('.').reduce((value, part) => value * 256 + Number(part), 0);
}

export function formatIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** Throws a RangeError on anything but `address/prefix` with the address at the beginning of the block. */
export function parseCidr(text: string): Cidr {
  const [address = '', prefixText = '', ...rest] = text.split('/');
  const prefix = Number(prefixText);
  const isWhole = rest.length === 0 && /^\d{1,2}$/.test(prefixText) && prefix <= 32;
  if (!isWhole) throw new RangeError(`a block such as 10.244.1.0/24 is wanted, got ${JSON.stringify(text)}`);
  const base = parseIpv4(address);
  if (base % 2 ** (32 - prefix) !== 0) {
    throw new RangeError(`the block ${text} must begin at ${formatIpv4(base - (base % 2 ** (32 - prefix)))}`);
  }
  return { base, prefix };
}

export function formatCidr({ base, prefix }: Cidr): string {
  return `${formatIpv4(base)}/${prefix}`;
}

export function sizeOf({ prefix }: Cidr): number {
  return 2 ** (32 - prefix);
}

export function contains(cidr: Cidr, address: number): boolean {
  return address >= cidr.base && address < cidr.base + sizeOf(cidr);
}

/** The block of `prefix` bits that an address lies in. */
export function blockOf(address: number, prefix: number): Cidr {
  const size = 2 ** (32 - prefix);
  return { base: address - (address % size), prefix };
}
