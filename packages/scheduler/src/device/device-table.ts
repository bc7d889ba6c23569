import { grownCapacity, grownInts } from '../node/growth.ts';
import type { PodId } from '../pod/pod-table.ts';
import { type DeviceDemand, unitsPerDevice } from './device-demand.ts';

/** Devices of one kind on one node; sets of them are bits of a number. */
const devicesMax = 31;

/** The devices of one kind: how many each node has, and how much of each is taken. */
export class DeviceTable {
  readonly resource: string;
  /** Units free on all devices of a node together, by slot. */
  freeUnits: Int32Array = new Int32Array(0);
  /** By slot. */
  counts: Int32Array = new Int32Array(0);
  /** Numbers kept per slot in `used`. */
  readonly width: number = devicesMax;
  /** Units taken of each device, at slot * width + device. */
  used: Int16Array = new Int16Array(0);
  /** The devices of each placed pod. */
  #assigned: Int32Array = new Int32Array(0);

  constructor(resource: string) {
    this.resource = resource;
  }

  setCount(slot: number, count: number, capacity: number): void {
    this.counts = grownInts(this.counts, capacity, 0);
    this.freeUnits = grownInts(this.freeUnits, capacity, 0);
    if (this.used.length < capacity * this.width) {
      const grown = new Int16Array(capacity * this.width);
      grown.set(this.used);
      this.used = grown;
    }
    this.counts[slot] = Math.min(count, devicesMax);
    this.#addUp(slot);
  }

  freeOf(slot: number, device: number): number {
    return unitsPerDevice - (this.used[slot * this.width + device] as number);
  }

  fits(slot: number, { devices, units }: DeviceDemand): boolean {
    const count = this.counts[slot] ?? 0;
    let found = 0;
    for (let device = 0; device < count && found < devices; device += 1)
      if (this.freeOf(slot, device) >= units) found += 1;
    return found === devices;
  }

  /**
   * The devices to take: for whole ones the free ones with the lowest numbers, for a part the fullest device that still has it. Where
   * the demand does not fit (what is bound is bound), the first devices.
   */
  choose(slot: number, demand: DeviceDemand): number {
    const count = this.counts[slot] ?? 0;
    if (!this.fits(slot, demand)) return 2 ** Math.min(demand.devices, count) - 1;
    return demand.units < unitsPerDevice
      ? this.#fullest(slot, count, demand.units)
      : this.#lowest(slot, demand.devices);
  }

  assign(pod: PodId, devices: number): void {
    if (pod >= this.#assigned.length)
      this.#assigned = grownInts(this.#assigned, grownCapacity(this.#assigned.length, pod + 1), 0);
    this.#assigned[pod] = devices;
  }

  assignedTo(pod: PodId): number {
    return this.#assigned[pod] ?? 0;
  }

  /** Takes the devices assigned to a pod (`sign` 1) or gives them back (-1). */
  take(pod: PodId, slot: number, units: number, sign: 1 | -1): void {
    const devices = this.assignedTo(pod);
    for (let device = 0; device < this.width; device += 1) {
      if ((devices & (1 << device)) === 0) continue;
      const place = slot * this.width + device;
      this.used[place] = (this.used[place] as number) + sign * units;
    }
    this.#addUp(slot);
  }

  #fullest(slot: number, count: number, units: number): number {
    let best = -1;
    for (let device = 0; device < count; device += 1) {
      const free = this.freeOf(slot, device);
      if (free >= units && (best < 0 || free < this.freeOf(slot, best))) best = device;
    }
    return 1 << best;
  }

  #lowest(slot: number, devices: number): number {
    let chosen = 0;
    let missing = devices;
    for (let device = 0; missing > 0; device += 1) {
      if (this.freeOf(slot, device) < unitsPerDevice) continue;
      chosen |= 1 << device;
      missing -= 1;
    }
    return chosen;
  }

  #addUp(slot: number): void {
    const count = this.counts[slot] as number;
    let free = 0;
    for (let device = 0; device < count; device += 1) free += Math.max(0, this.freeOf(slot, device));
    this.freeUnits[slot] = free;
  }
}
