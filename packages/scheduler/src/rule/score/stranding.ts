import type { DeviceTable } from '../../device/device-table.ts';
import type { NodeTable } from '../../node/node-table.ts';
import { cpuColumn } from '../../node/resource-table.ts';
import type { UsageScore } from '../rule.ts';

/** Thousandths of a core that one device needs beside it, or its units are stranded: nobody can use them. */
const cpuMillisPerDevice = 12_000;
/** Stranded units that make one point. Coarse on purpose: equals are filled one after the other in the fixed order. */
const unitsPerPoint = 30;

/**
 * Device units that the free CPU of a node can no longer feed are lost as surely as used ones. The score is the loss that a
 * placement undoes or (below zero) causes; placements that harm nobody are equal.
 */
export const stranding: UsageScore = {
  name: 'Stranding',
  scope: 'usage',
  key: ({ spec }) => {
    const { columns, amounts } = spec.requests;
    const devices = spec.devices.map(({ resource, devices: count, units }) => `${resource} ${count * units}`);
    return `${amounts[columns.indexOf(cpuColumn)] ?? 0} ${devices.join()}`;
  },
  prepare: ({ cluster, subject }) => {
    const { columns, amounts } = subject.spec.requests;
    const cpu = amounts[columns.indexOf(cpuColumn)] ?? 0;
    const kinds = cluster.devices.resources.map((resource) => {
      const demand = subject.spec.devices.find((each) => each.resource === resource);
      return { table: cluster.devices.table(resource), units: (demand?.devices ?? 0) * (demand?.units ?? 0) };
    });
    return {
      score: (slot) => {
        let points = 0;
        for (const { table, units } of kinds) points += undone(cluster.nodes, table, slot, cpu, units);
        return points;
      },
    };
  },
};

function undone(nodes: NodeTable, table: DeviceTable, slot: number, cpu: number, units: number): number {
  const free = table.freeUnits[slot] ?? 0;
  if (free === 0) return 0;
  const freeCpu = nodes.free[slot * nodes.stride + cpuColumn] as number;
  const before = Math.max(0, free - (1000 * freeCpu) / cpuMillisPerDevice);
  const after = Math.max(0, free - units - (1000 * (freeCpu - cpu)) / cpuMillisPerDevice);
  return Math.floor((before - after) / unitsPerPoint);
}
