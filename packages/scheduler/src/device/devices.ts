import type { PodId } from '../pod/pod-table.ts';
import type { DeviceDemand } from './device-demand.ts';
import { DeviceTable } from './device-table.ts';

/** The annotation that says which devices a pod was given: a JSON object, resource to list of numbers. */
export const devicesAnnotation = 'berth.dev/devices';

/** Resources whose units are devices with numbers, of which parts can be asked for. */
export const standardDeviceResources: readonly string[] = ['berth.dev/gpu', 'nvidia.com/gpu', 'amd.com/gpu'];

const nothing: ReadonlyMap<string, number> = new Map();

/** All kinds of devices. */
export class Devices {
  readonly resources: readonly string[];
  readonly #tables: ReadonlyMap<string, DeviceTable>;

  constructor(resources: readonly string[]) {
    this.resources = resources;
    this.#tables = new Map(resources.map((resource) => [resource, new DeviceTable(resource)]));
  }

  table(resource: string): DeviceTable {
    const table = this.#tables.get(resource);
    if (table === undefined)
      throw new RangeError(`${resource} is none of the device resources ${this.resources.join()}`);
    return table;
  }

  /** `allocatable` answers how much of a resource the node has. */
  setNode(slot: number, allocatable: (resource: string) => number, capacity: number): void {
    for (const table of this.#tables.values()) {
      const count = allocatable(table.resource);
      if (count > 0 || slot < table.counts.length) table.setCount(slot, count, capacity);
    }
  }

  /** Decides which devices a pod gets on a node: those given, or by the rule of the table. */
  assign(pod: PodId, slot: number, demands: readonly DeviceDemand[], given: ReadonlyMap<string, number>): void {
    for (const demand of demands) {
      const table = this.table(demand.resource);
      table.assign(pod, given.get(demand.resource) ?? table.choose(slot, demand));
    }
  }

  take(pod: PodId, slot: number, demands: readonly DeviceDemand[], sign: 1 | -1): void {
    for (const { resource, units } of demands) this.table(resource).take(pod, slot, units, sign);
  }

  /** The value of the annotation for a placed pod. */
  describe(pod: PodId, demands: readonly DeviceDemand[]): string {
    const entries = demands.map(({ resource }) => [resource, numbersIn(this.table(resource).assignedTo(pod))]);
    return JSON.stringify(Object.fromEntries(entries));
  }

  /** What the annotation says; nothing where it is missing or makes no sense. */
  parse(annotation: string | undefined): ReadonlyMap<string, number> {
    if (annotation === undefined) return nothing;
    const given = new Map<string, number>();
    const value = parsed(annotation);
    if (typeof value !== 'object' || value === null) return given;
    for (const [resource, numbers] of Object.entries(value))
      if (this.#tables.has(resource) && Array.isArray(numbers) && numbers.every(isDeviceNumber))
        given.set(
          resource,
          numbers.reduce((set: number, device: number) => set | (1 << device), 0),
        );
    return given;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isDeviceNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 31;
}

/** The devices of a set, which has a bit for each. */
export function numbersIn(set: number): readonly number[] {
  const numbers: number[] = [];
  for (let device = 0; set >>> device > 0; device += 1) if ((set & (1 << device)) !== 0) numbers.push(device);
  return numbers;
}
