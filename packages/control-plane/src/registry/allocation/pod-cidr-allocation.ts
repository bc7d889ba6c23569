import { type FaultList, internalError } from '@berth/api';
import type { Clock } from '@berth/world';
import { AllocationPool } from './allocation-pool.ts';
import type { Claims } from './claims.ts';
import { formatIpv4, type Ipv4Range, parseIpv4Range } from './ipv4-range.ts';

/** Every node gets a /24 for its pods. */
const prefixLength = 24;
const blockSize = 2 ** (32 - prefixLength);

/** A write that takes longer than this may find its block taken, and begins again. */
const offerMs = 2_000;

const blocks = new AllocationPool('pod-cidrs');

/** Hands out the address blocks of nodes from the cluster's pod network. */
export class PodCidrAllocation {
  readonly #network: Ipv4Range;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  /** Addresses offered to writes that may still be on their way, and when; oldest first. */
  readonly #offered = new Map<string, number>();

  constructor(network: string, clock: Pick<Clock, 'monotonicMs'>) {
    this.#network = parseIpv4Range(network);
    this.#clock = clock;
  }

  /**
   * The lowest free block: node 1, 2, 3 of a small cluster are easy to tell apart. Nodes that come at the same moment, as those of a whole site
   * do, are offered different ones: of writes that want the same, all but one would have to begin again.
   */
  async takeAny(claims: Claims): Promise<string> {
    const taken = await blocks.taken(claims.reader);
    this.#forgetOldOffers();
    const address =
      this.#lowest((each) => !taken.has(each) && !this.#offered.has(each)) ?? this.#lowest((each) => !taken.has(each));
    if (address === undefined) throw internalError(`no pod address block is left in ${this.#network.text}`);
    this.#offered.delete(address);
    this.#offered.set(address, this.#clock.monotonicMs());
    claims.take(blocks, address);
    return `${address}/${prefixLength}`;
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
    if (address === undefined) return;
    this.#offered.delete(address);
    claims.free(blocks, address);
  }

  #lowest(isWanted: (address: string) => boolean): string | undefined {
    for (let offset = 0; offset < this.#network.size; offset += blockSize) {
      const address = formatIpv4(this.#network.first + offset);
      if (isWanted(address)) return address;
    }
    return undefined;
  }

  #forgetOldOffers(): void {
    const sinceMs = this.#clock.monotonicMs() - offerMs;
    for (const [address, atMs] of this.#offered) {
      if (atMs > sinceMs) return;
      this.#offered.delete(address);
    }
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
