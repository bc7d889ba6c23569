import { isIPv4 } from 'node:net';

/** A block of IPv4 addresses in CIDR form. */
export interface Ipv4Range {
  /** First address as a number; the bits below the prefix are zero. */
  readonly first: number;
  /** Count of addresses, a power of two. */
  readonly size: number;
  readonly text: string;
}

/** Throws a RangeError that says what is wrong. */
export function parseIpv4Range(text: string): Ipv4Range {
  const [address = '', bits = '', ...rest] = text.split('/');
  const length = Number(bits);
  if (!isIPv4(address) || rest.length > 0 || !/^[0-9]{1,2}$/.test(bits) || length > 32)
    throw new RangeError(`an IPv4 range such as "10.96.0.0/16" is wanted, got ${JSON.stringify(text)}`);
  const size = 2 ** (32 - length);
  const first = parseIpv4(address);
  if (first % size !== 0) throw new RangeError(`${text} has bits set beyond its prefix length`);
  return { first, size, text };
}

/** Of an address that is known to be IPv4. */
export function parseIpv4(text: string): number {
  return text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

export function containsAddress(range: Ipv4Range, address: number): boolean {
  return address >= range.first && address < range.first + range.size;
}
