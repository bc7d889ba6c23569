import { type Cidr, formatIpv4, parseIpv4, sizeOf } from './ipv4.ts';

/** The first address of a node's range is its bridge's: gateway and DNS server of its pods. */
export function gatewayOf(range: Cidr): string {
  return formatIpv4(range.base + 1);
}

/**
 * The pods' addresses of one node. What is in use is not kept here but read from the sandboxes' labels, so nothing can leak; only
 * reservations that no sandbox carries yet are remembered.
 */
export class AddressPool {
  readonly #range: Cidr;
  readonly #inUse: () => Iterable<string>;
  readonly #reserved = new Set<number>();
  #last: number;

  constructor(range: Cidr, inUse: () => Iterable<string>) {
    this.#range = range;
    this.#inUse = inUse;
    this.#last = range.base + 1;
  }

  /**
   * The next free address after the one given last: a freed address rests as long as possible before it is used again. Undefined when all
   * are taken. The first address (network), the second (gateway) and the last (broadcast) are never given.
   */
  reserve(): string | undefined {
    const taken = new Set([...this.#inUse()].filter((text) => text !== '').map(parseIpv4));
    const first = this.#range.base + 2;
    const count = sizeOf(this.#range) - 3;
    for (let step = 1; step <= count; step += 1) {
      const candidate = first + ((this.#last - first + step + count) % count);
      if (taken.has(candidate) || this.#reserved.has(candidate)) continue;
      this.#reserved.add(candidate);
      this.#last = candidate;
      return formatIpv4(candidate);
    }
    return undefined;
  }

  release(address: string): void {
    this.#reserved.delete(parseIpv4(address));
  }
}
