import { type FaultList, internalError } from '@berth/api';
import { AllocationPool, type Candidates } from './allocation-pool.ts';
import type { Claims } from './claims.ts';

/** Both ends are part of it. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export const defaultNodePorts: PortRange = { first: 30_000, last: 32_767 };

const ports = new AllocationPool('node-ports');

/** Hands out the ports under which every node answers for a service. A port is taken for all protocols at once. */
export class NodePortAllocation {
  readonly #range: PortRange;
  readonly #candidates: Candidates;

  constructor(range: PortRange) {
    this.#range = range;
    this.#candidates = candidatesOf(range);
  }

  async takeAny(claims: Claims, used: ReadonlySet<number>): Promise<number> {
    const also = new Set([...used].map(String));
    const port = await ports.draw(claims.reader, this.#candidates, claims.integer, also);
    if (port === undefined) throw internalError('failed to allocate a nodePort: range is full');
    claims.take(ports, port);
    return Number(port);
  }

  /** `field` is the port's place in the service, e.g. `spec.ports[0].nodePort`. */
  async takeThis(claims: Claims, port: number, field: string, faults: FaultList): Promise<void> {
    const { first, last } = this.#range;
    if (port < first || port > last)
      faults.invalid(
        field,
        port,
        `provided port is not in the valid range. The range of valid ports is ${first}-${last}`,
      );
    else if (await ports.isTaken(claims.reader, String(port)))
      faults.invalid(field, port, 'provided port is already allocated');
    else claims.take(ports, String(port));
  }

  free(claims: Claims, port: number): void {
    claims.free(ports, String(port));
  }
}

/** Chance leaves the first ports to those who ask for a certain one, as long as others are free. */
function candidatesOf({ first, last }: PortRange): Candidates {
  const count = last - first + 1;
  const reserved = Math.min(Math.max(16, Math.floor(count / 32)), 128, Math.floor(count / 2));
  return { count, preferred: count - reserved, at: (index) => String(first + ((index + reserved) % count)) };
}
