import type { NodeTable } from '../../node/node-table.ts';
import { cpuColumn, memoryColumn } from '../../node/resource-table.ts';

/** The mean of the shares of CPU and memory in use on a node once a pod with these requests runs there, 0 to 1. */
export function shareInUse(nodes: NodeTable, slot: number, cpuMillis: number, memoryBytes: number): number {
  return (cpuShareInUse(nodes, slot, cpuMillis) + memoryShareInUse(nodes, slot, memoryBytes)) / 2;
}

export function cpuShareInUse(nodes: NodeTable, slot: number, cpuMillis: number): number {
  const used = (nodes.weighed[slot * 2] as number) + cpuMillis;
  return share(used, nodes.allocatable[slot * nodes.stride + cpuColumn] as number);
}

export function memoryShareInUse(nodes: NodeTable, slot: number, memoryBytes: number): number {
  const used = (nodes.weighed[slot * 2 + 1] as number) + memoryBytes;
  return share(used, nodes.allocatable[slot * nodes.stride + memoryColumn] as number);
}

/** More in use than there is (pods that asked for nothing) counts as full. */
function share(used: number, capacity: number): number {
  return used >= capacity ? 1 : used / capacity;
}
