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
    const wanted = demands.map((demand) => ({ demand, table: cluster.devices.table(demand.resource) }));
    return {
      admits: (slot) => {
        for (const { demand, table } of wanted) if (!table.fits(slot, demand)) return false;
        return true;
      },
      explain: (slot, sink) => {
        for (const { demand, table } of wanted) {
          if (table.fits(slot, demand)) continue;
          const couldFit = (table.counts[slot] ?? 0) >= demand.devices;
          sink.add(shortage(demand, table.freeUnits[slot] ?? 0), couldFit ? 'pods' : 'nothing');
        }
      },
    };
  },
};

function shortage({ resource, devices, units }: DeviceDemand, freeUnits: number): string {
  if (freeUnits < devices * units) return `Insufficient ${resource}`;
  if (units === unitsPerDevice) return `Insufficient ${resource} (what is free are parts of devices)`;
  return `Insufficient ${resource} (no single device has ${units}/${unitsPerDevice} free)`;
}
