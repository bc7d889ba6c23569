/** Units of one device. */
export const unitsPerDevice = 1000;

/** Added to the name of a device resource for a request of thousandths of one device. */
export const shareSuffix = '-milli';

/** What a pod asks of the devices of one kind. */
export interface DeviceDemand {
  readonly resource: string;
  readonly devices: number;
  /** Units wanted of each; below 1000 only for one device. */
  readonly units: number;
}

/**
 * What requests for a device resource come to: whole devices, or a part of one. A part beside whole ones counts as one
 * device more, and more than a whole part as so many devices.
 */
export function deviceDemand(resource: string, whole: number, milli: number): DeviceDemand | undefined {
  if (whole === 0 && milli === 0) return undefined;
  if (whole === 0 && milli <= unitsPerDevice) return { resource, devices: 1, units: milli };
  return { resource, devices: whole + Math.ceil(milli / unitsPerDevice), units: unitsPerDevice };
}
