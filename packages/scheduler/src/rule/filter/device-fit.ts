import { type DeviceDemand, unitsPerDevice } from '../../device/device-demand.ts';
import type { UsageFilter } from '../rule.ts';

/** Whole devices must be free, and a part must be free on one device: parts left on several do not add up. */
export const deviceFit: UsageFilter = {
  name: 'DeviceFit',
  scope: 'usage',
  key: ({ spec }) => spec.devices.map(({ resource, devices, units }) => `${resource} ${devices} ${units}`).join(),
  prepare: ({ cluster, subject }) => {
    const { devices: demands } = subject.spec;
    if (demands.length === 0) return undefined;
    const wanted = demands.map((demand) => ({
      demand,
      table: cluster.devices.table(demand.resource),
      ...shortages(demand),
    }));
    return {
      admits: (slot) => {
        for (const { demand, table } of wanted) if (!table.fits(slot, demand)) return false;
        return true;
      },
      explain: (slot, sink) => {
        for (const { demand, table, tooLittle, inPieces } of wanted) {
          if (table.fits(slot, demand)) continue;
          const couldFit = (table.counts[slot] ?? 0) >= demand.devices;
          const isTooLittle = (table.freeUnits[slot] ?? 0) < demand.devices * demand.units;
          sink.add(isTooLittle ? tooLittle : inPieces, couldFit ? 'pods' : 'nothing');
        }
      },
    };
  },
};

/** What is said where too little is free, and where enough is free but not as it is wanted. Made once: it is counted node by node. */
function shortages({ resource, units }: DeviceDemand): { readonly tooLittle: string; readonly inPieces: string } {
  const tooLittle = `Insufficient ${resource}`;
  const why =
    units === unitsPerDevice
      ? 'what is free are parts of devices'
      : `no single device has ${units}/${unitsPerDevice} free`;
  return { tooLittle, inPieces: `${tooLittle} (${why})` };
}
