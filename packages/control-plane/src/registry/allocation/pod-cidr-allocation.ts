import { type FaultList, internalError } from '@berth/api';
import { AllocationPool } from './allocation-pool.ts';
import type { Claims } from './claims.ts';
import { formatIpv4, type Ipv4Range, parseIpv4Range } from './ipv4-range.ts';

/** Every node gets a /24 for its pods. */
const prefixLength = 24;
const blockSize = 2 ** (32 - prefixLength);

const blocks = new AllocationPool('pod-cidrs');

/** Hands out the address blocks of nodes from the cluster's pod network. */
export class PodCidrAllocation {
  readonly #network: Ipv4Range;

  constructor(network: string) {
    this.#network = parseIpv4Range(network);
  }

  /** The lowest free block: node 1, 2, 3 of a small cluster are easy to tell apart. */
  async takeAny(claims: Claims): Promise<string> {
    const taken = await blocks.taken(claims.reader);
    for (let offset = 0; offset < this.#network.size; offset += blockSize) {
      const address = formatIpv4(this.#network.first + offset);
      if (taken.has(address)) continue;
      claims.take(blocks, address);
      return `${address}/${prefixLength}`;
    }
    throw internalError(`no pod address block is left in ${this.#network.text}`);
  }

  /** Blocks outside the pod network are somebody else's to hand out and are taken as they are. */
  async takeThis(claims: Claims, cidr: string, faults: FaultList): Promise<void> {
    const address = this.#address(cidr);
    if (address === undefined) return;
    if (await blocks.isTaken(claims.reader, address)) faults.invalid('spec.podCIDR', cidr, 'is already allocated');
    else claims.take(blocks, address);
  }

  free(claims: Claims, cidr: string): void {
    const address = this.#address(cidr);
    if (address !== undefined) claims.free(blocks, address);
  }

  /** First address of a block of ours; undefined for any other text. */
  #address(cidr: string): string | undefined {
    let block: Ipv4Range;
    try {
      block = parseIpv4Range(cidr);
    } catch {
      return undefined;
    }
    const { first, size } = this.#network;
    const ours = block.size === blockSize && block.first >= first && block.first + blockSize <= first + size;
    return ours ? formatIpv4(block.first) : undefined;
  }
}
