import type { RuleContext, UsageScore } from '@berth/scheduler';

const resource = 'berth.dev/gpu';

/** What a pod asks for and what a node has left of it. */
export interface Look {
  readonly cpu: number;
  readonly units: number;
  readonly devices: number;
  readonly unitsPerDevice: number;
  freeCpu(slot: number): number;
  /** Units left on each device. */
  rests(slot: number): readonly number[];
  /** What the GPU pods of the node ask for, as text that is equal for equal kinds. */
  kinds(slot: number): ReadonlySet<string>;
}

export function lookOf({ cluster, subject }: RuleContext): Look {
  const table = cluster.devices.table(resource);
  const cpuColumn = cluster.resources.columnOf('cpu');
  const { columns, amounts } = subject.spec.requests;
  const demand = subject.spec.devices[0];
  return {
    cpu: amounts[columns.indexOf(cpuColumn)] ?? 0,
    units: (demand?.devices ?? 0) * (demand?.units ?? 0),
    devices: demand?.devices ?? 0,
    unitsPerDevice: demand?.units ?? 0,
    freeCpu: (slot) => cluster.nodes.free[slot * cluster.nodes.stride + cpuColumn] ?? 0,
    rests: (slot) => Array.from({ length: table.counts[slot] ?? 0 }, (_, device) => table.freeOf(slot, device)),
    kinds: (slot) => {
      const kinds = cluster.podsOn(slot).flatMap((pod) => cluster.pods.specs[pod]?.devices ?? []);
      return new Set(kinds.map(({ devices, units }) => kindOf(devices, units)));
    },
  };
}

export function kindOf(devices: number, units: number): string {
  return units < 1000 ? 'share' : `${devices}`;
}

export const keyOf: UsageScore['key'] = ({ spec }) =>
  `${JSON.stringify(spec.requests.amounts)} ${JSON.stringify(spec.requests.columns)} ${JSON.stringify(spec.devices)}`;

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
