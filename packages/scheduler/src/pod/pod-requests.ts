import { type PodSpec, resourceAmount } from '@berth/api';
import { type DeviceDemand, deviceDemand, shareSuffix } from '../device/device-demand.ts';
import type { Amounts } from '../node/node-table.ts';
import { cpuColumn, memoryColumn, podsColumn, type ResourceTable } from '../node/resource-table.ts';

/** What a pod asks for, and what it counts for in scores. */
export interface PodRequests extends Amounts {
  /** Thousandths of a core; a pod that asks for none counts as a small one, or a node could look empty that is not. */
  readonly weighedCpu: number;
  /** Bytes. */
  readonly weighedMemory: number;
  /** Of resources whose units are devices; they are not among the amounts. */
  readonly devices: readonly DeviceDemand[];
}

/** What Kubernetes assumes of pods that ask for nothing, in scores only. */
const weighedCpuDefault = 100;
const weighedMemoryDefault = 200 * 1024 * 1024;

type List = Readonly<Record<string, string>> | undefined;

/**
 * The most a pod needs at any time of its life: all containers and sidecars at once, or an init container beside the
 * sidecars started before it, whichever is more, plus the pod's overhead. Requests for the pod as a whole win.
 */
export function podRequests(spec: PodSpec, resources: ResourceTable, deviceResources: readonly string[]): PodRequests {
  const running: number[] = [];
  const peak: number[] = [];
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') {
      add(running, container.resources?.requests, resources);
      raise(peak, running);
    } else {
      const together = [...running];
      add(together, container.resources?.requests, resources);
      raise(peak, together);
    }
  }
  for (const container of spec.containers) add(running, container.resources?.requests, resources);
  raise(peak, running);
  replace(peak, spec.resources?.requests, resources);
  add(peak, spec.overhead, resources);
  peak[podsColumn] = 1;
  const devices = deviceResources.flatMap((resource) => {
    const demand = deviceDemand(
      resource,
      taken(peak, resource, resources),
      taken(peak, resource + shareSuffix, resources),
    );
    return demand === undefined ? [] : [demand];
  });
  return {
    ...compact(peak),
    devices,
    weighedCpu: peak[cpuColumn] || weighedCpuDefault,
    weighedMemory: peak[memoryColumn] || weighedMemoryDefault,
  };
}

/** A node's or a pod's list of amounts in columns. */
export function amountsOf(list: List, resources: ResourceTable): Amounts {
  const row: number[] = [];
  add(row, list, resources);
  return compact(row);
}

/** Takes the amount of a resource out of a row. */
function taken(row: number[], resource: string, resources: ResourceTable): number {
  if (!resources.has(resource)) return 0;
  const column = resources.columnOf(resource);
  const amount = row[column] ?? 0;
  row[column] = 0;
  return amount;
}

function add(row: number[], list: List, resources: ResourceTable): void {
  for (const name in list) {
    const column = resources.columnOf(name);
    row[column] = (row[column] ?? 0) + resourceAmount(name, list[name] as string);
  }
}

function replace(row: number[], list: List, resources: ResourceTable): void {
  for (const name in list) row[resources.columnOf(name)] = resourceAmount(name, list[name] as string);
}

function raise(peak: number[], row: readonly number[]): void {
  row.forEach((amount, column) => {
    peak[column] = Math.max(peak[column] ?? 0, amount);
  });
}

function compact(row: readonly number[]): Amounts {
  const columns: number[] = [];
  const amounts: number[] = [];
  row.forEach((amount, column) => {
    if (amount === 0) return;
    columns.push(column);
    amounts.push(amount);
  });
  return { columns, amounts };
}
