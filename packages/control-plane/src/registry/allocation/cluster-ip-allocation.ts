import { type FaultList, internalError } from '@berth/api';
import { AllocationPool, type Candidates } from './allocation-pool.ts';
import type { Claims } from './claims.ts';
import { containsAddress, formatIpv4, type Ipv4Range, parseIpv4, parseIpv4Range } from './ipv4-range.ts';

const addresses = new AllocationPool('cluster-ips');

/** Hands out the virtual addresses of services. */
export class ClusterIpAllocation {
  readonly #range: Ipv4Range;
  readonly #candidates: Candidates;

  constructor(range: string) {
    this.#range = parseIpv4Range(range);
    this.#candidates = candidatesOf(this.#range);
  }

  async takeAny(claims: Claims): Promise<string> {
    const address = await addresses.draw(claims.reader, this.#candidates, claims.integer, new Set());
    if (address === undefined)
      throw internalError(`failed to allocate a cluster IP: range ${this.#range.text} is full`);
    claims.take(addresses, address);
    return address;
  }

  async takeThis(claims: Claims, address: string, faults: FaultList): Promise<void> {
    const refuse = (why: string): void =>
      faults.invalid('spec.clusterIPs', [address], `failed to allocate IP ${address}: ${why}`);
    const number = parseIpv4(address);
    const { first, size, text } = this.#range;
    if (!containsAddress(this.#range, number) || number === first || number === first + size - 1)
      refuse(`the provided IP (${address}) is not in the valid range. The range of valid IPs is ${text}`);
    else if (await addresses.isTaken(claims.reader, address)) refuse('provided IP is already allocated');
    else claims.take(addresses, address);
  }

  free(claims: Claims, address: string): void {
    claims.free(addresses, address);
  }
}

/**
 * As Kubernetes does, chance draws from the upper part, so that the lower addresses stay free for those who ask for a
 * certain one; they are used only when nothing else is left. The first and last address of the range are never used.
 */
function candidatesOf(range: Ipv4Range): Candidates {
  const usable = range.size - 2;
  const reserved = Math.min(Math.max(16, Math.floor(range.size / 16)), 256, Math.floor(usable / 2));
  return {
    count: usable,
    preferred: usable - reserved,
    at: (index) => formatIpv4(range.first + 1 + ((index + reserved) % usable)),
  };
}
