import { cpuMillis, formatQuantity, wholeAmount } from '@berth/api';

export type ResourceList = Readonly<Record<string, string>>;

export interface MachineSize {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

/** What the machine has, in the units Kubernetes shows. */
export function nodeCapacity(machine: MachineSize, podsMax: number): ResourceList {
  return {
    cpu: String(machine.cpus),
    memory: `${Math.floor(machine.memoryBytes / 1024)}Ki`,
    'ephemeral-storage': `${Math.floor(machine.diskBytes / 1024)}Ki`,
    pods: String(podsMax),
  };
}

/** What pods may ask for: the capacity without what is kept back. Throws a RangeError when more is kept back than there is. */
export function nodeAllocatable(capacity: ResourceList, reserved: ResourceList): ResourceList {
  const entries = Object.entries(capacity).map(([resource, amount]): [string, string] => {
    const kept = reserved[resource];
    if (kept === undefined) return [resource, amount];
    const left = resource === 'cpu' ? cpuMillis(amount) - cpuMillis(kept) : wholeAmount(amount) - wholeAmount(kept);
    if (left < 0) throw new RangeError(`--reserve ${resource}=${kept} is more than the machine has (${amount})`);
    if (resource === 'cpu') return [resource, formatQuantity({ nanos: BigInt(left) * 1_000_000n, style: 'decimal' })];
    return [resource, amount.endsWith('Ki') ? `${Math.floor(left / 1024)}Ki` : String(left)];
  });
  return Object.fromEntries(entries);
}
