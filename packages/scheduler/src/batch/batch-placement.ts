import type { Cluster } from '../cluster/cluster.ts';
import { unitsPerDevice } from '../device/device-demand.ts';
import type { DeviceTable } from '../device/device-table.ts';
import { cpuColumn, memoryColumn } from '../node/resource-table.ts';
import type { SpecFacts } from '../pod/pod-spec.ts';
import type { PodId } from '../pod/pod-table.ts';
import type { PodClass } from '../ranking/pod-class.ts';
import { bestFilling, type Filler } from './device-filling.ts';

export interface BatchParts {
  readonly cluster: Cluster;
  classOf(pod: PodId): PodClass;
  /** Whether the pod is to be decided by itself, among those that may be combined. */
  isSingle(pod: PodId): boolean;
  /** Decides on one pod as usual. */
  decide(pod: PodId): void;
  /** Places a pod on a node and on devices that were chosen for it. */
  place(pod: PodId, podClass: PodClass, slot: number, devices: ReadonlyMap<string, number>): void;
}

interface PodFiller extends Filler {
  readonly podClass: PodClass;
  readonly pods: PodId[];
}

/**
 * Places a set of pods of one priority that is known as a whole: whole devices first, the widest demands before the narrow
 * ones; then devices are filled one by one with the parts that complement each other best within the node's CPU; then
 * everything else, the largest first.
 */
export function placeBatch(pods: readonly PodId[], parts: BatchParts): void {
  const { cluster } = parts;
  const bySize = pods
    .map((pod) => ({ pod, size: sizeOf(pod, cluster) }))
    .sort((left, right) => right.size - left.size)
    .map(({ pod }) => pod);
  const partial = bySize.filter((pod) => partOf(pod, parts) !== undefined);
  const whole = bySize.filter((pod) => asksForDevices(pod, cluster) && partOf(pod, parts) === undefined);
  for (const pod of whole) parts.decide(pod);
  const placed = new Set<PodId>();
  for (const [resource, alike] of Map.groupBy(partial, (pod) => partOf(pod, parts)?.resource ?? ''))
    fillDevices({ parts, table: cluster.devices.table(resource), fillers: fillersOf(alike, parts), placed });
  for (const pod of partial) if (!placed.has(pod)) parts.decide(pod);
  for (const pod of bySize) if (!asksForDevices(pod, cluster)) parts.decide(pod);
}

function asksForDevices(pod: PodId, { pods }: Cluster): boolean {
  return (pods.specs[pod] as SpecFacts).devices.length > 0;
}

/** Orders pods by device units, then by CPU, then by memory: numbers that compare as the lists of these would. */
function sizeOf(pod: PodId, { pods }: Cluster): number {
  const { devices, requests } = pods.specs[pod] as SpecFacts;
  const units = devices.reduce((sum, demand) => sum + demand.devices * demand.units, 0);
  const cpu = amountOf(requests, cpuColumn);
  const memoryMiB = amountOf(requests, memoryColumn) / 2 ** 20;
  return units * 2 ** 30 + cpu * 2 ** 6 + Math.min(63, memoryMiB / 2 ** 16);
}

function amountOf({ columns, amounts }: SpecFacts['requests'], column: number): number {
  return amounts[columns.indexOf(column)] ?? 0;
}

/** The demand of a pod for a part of one device, if that is all it asks of devices. */
function partOf(pod: PodId, parts: BatchParts): SpecFacts['devices'][number] | undefined {
  const { devices } = parts.cluster.pods.specs[pod] as SpecFacts;
  const [demand] = devices;
  const isPart = devices.length === 1 && demand !== undefined && demand.units < unitsPerDevice;
  return isPart && parts.isSingle(pod) ? demand : undefined;
}

interface Filling {
  readonly parts: BatchParts;
  readonly table: DeviceTable;
  readonly fillers: readonly PodFiller[];
  /** Grows as devices are filled. */
  readonly placed: Set<PodId>;
}

function fillersOf(pods: readonly PodId[], parts: BatchParts): readonly PodFiller[] {
  const fillers = [...Map.groupBy(pods, (pod) => parts.classOf(pod))].map(([podClass, members]) => {
    const [first] = members as [PodId, ...PodId[]];
    const { requests } = parts.cluster.pods.specs[first] as SpecFacts;
    const units = partOf(first, parts)?.units ?? 0;
    const cpu = amountOf(requests, cpuColumn);
    const memory = amountOf(requests, memoryColumn);
    return { podClass, units, cpu, memory, count: members.length, pods: [...members].reverse() };
  });
  return fillers.sort((left, right) => right.units - left.units || right.cpu - left.cpu);
}

/** Node by node in their fixed order; each device of a node may use its even part of the CPU and memory that are left there. */
function fillDevices(filling: Filling): void {
  const { nodes } = filling.parts.cluster;
  const { ranks } = nodes.order;
  const slots = Array.from({ length: nodes.slots }, (_, slot) => slot).filter(
    (slot) => nodes.facts[slot] !== undefined,
  );
  slots.sort((left, right) => (ranks[left] as number) - (ranks[right] as number));
  for (const slot of slots) {
    const open: number[] = [];
    for (let device = 0; device < (filling.table.counts[slot] ?? 0); device += 1)
      if (filling.table.freeOf(slot, device) > 0) open.push(device);
    for (const [at, device] of open.entries()) fillDevice(filling, slot, device, open.length - at);
  }
}

/** `sharers` devices share the node's CPU and memory, this one among them. */
function fillDevice({ parts, table, fillers, placed }: Filling, slot: number, device: number, sharers: number): void {
  const { nodes } = parts.cluster;
  const suitable = fillers.filter(({ podClass, count }) => count > 0 && podClass.admits(slot));
  const share = (column: number): number => (nodes.free[slot * nodes.stride + column] as number) / sharers;
  const room = { units: table.freeOf(slot, device), cpu: share(cpuColumn), memory: share(memoryColumn) };
  for (const index of bestFilling(suitable, room)) {
    const filler = suitable[index] as PodFiller;
    // Another rule, such as spread, may refuse what still fitted a moment ago.
    if (!filler.podClass.admits(slot)) continue;
    const pod = filler.pods.pop() as PodId;
    filler.count -= 1;
    placed.add(pod);
    parts.place(pod, filler.podClass, slot, new Map([[table.resource, 1 << device]]));
  }
}
