import { type DeviceDemand, unitsPerDevice } from '../device/device-demand.ts';
import { Devices, devicesAnnotation, numbersIn, standardDeviceResources } from '../device/devices.ts';
import type { Room } from './node-room.ts';
import type { PodFootprint } from './pod-footprint.ts';

/** The one node that is looked at. */
const slot = 0;
const subject = 0;

/** Whether the devices that a pod was given are free for it; one that was given none gets those that are, if there are enough. */
export function deviceRoom(
  pod: PodFootprint,
  others: readonly PodFootprint[],
  allocatable: (resource: string) => number,
): Room {
  const devices = new Devices(standardDeviceResources);
  devices.setNode(slot, allocatable, 1);
  const settled = others.filter(({ deviceNote }) => deviceNote !== undefined);
  const unsettled = others.filter(({ deviceNote }) => deviceNote === undefined);
  for (const [at, other] of settled.entries()) take(devices, at + 1, other);
  for (const demand of pod.requests.devices) {
    const why = shortage(devices, demand, pod.deviceNote);
    if (why !== undefined) return { kind: 'short', why };
  }
  take(devices, subject, pod);
  // Whoever was never told which devices it has must still find some.
  for (const [at, other] of unsettled.entries()) {
    for (const demand of other.requests.devices)
      if (!devices.table(demand.resource).fits(slot, demand))
        return { kind: 'short', why: `Insufficient ${demand.resource}: other pods need what is left` };
    take(devices, settled.length + at + 1, other);
  }
  const isTold = pod.deviceNote !== undefined;
  return isTold ? { kind: 'fits' } : { kind: 'fits', devices: devices.describe(subject, pod.requests.devices) };
}

function take(devices: Devices, id: number, { requests, deviceNote }: PodFootprint): void {
  devices.assign(id, slot, requests.devices, devices.parse(deviceNote));
  devices.take(id, slot, requests.devices, 1);
}

function shortage(devices: Devices, demand: DeviceDemand, note: string | undefined): string | undefined {
  const table = devices.table(demand.resource);
  const count = table.counts[slot] ?? 0;
  const given = devices.parse(note).get(demand.resource);
  if (given === undefined) {
    if (note !== undefined) return `${devicesAnnotation} names no ${demand.resource}`;
    if (table.fits(slot, demand)) return undefined;
    const free = table.freeUnits[slot] ?? 0;
    return `Insufficient ${demand.resource}: asks for ${text(demand)}, ${free}/${unitsPerDevice} of ${count} devices together is free`;
  }
  const numbers = numbersIn(given).filter((device) => device < table.width);
  if (numbers.length !== demand.devices)
    return `${devicesAnnotation} names ${numbers.length} of ${demand.resource}, the pod asks for ${text(demand)}`;
  for (const device of numbers) {
    if (device >= count) return `Insufficient ${demand.resource}: there is no device ${device}, the node has ${count}`;
    const free = table.freeOf(slot, device);
    if (free < demand.units)
      return `Insufficient ${demand.resource}: asks for ${demand.units}/${unitsPerDevice} of device ${device}, ${free}/${unitsPerDevice} is free`;
  }
  return undefined;
}

function text({ devices, units }: DeviceDemand): string {
  return units < unitsPerDevice ? `${units}/${unitsPerDevice} of one` : `${devices}`;
}
