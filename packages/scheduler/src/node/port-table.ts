import { type HostPort, portsConflict } from '../pod/host-port.ts';

const noPorts: readonly HostPort[] = [];

/** The host ports in use on each node. */
export class PortTable {
  readonly #used = new Map<number, HostPort[]>();

  usedOn(slot: number): readonly HostPort[] {
    return this.#used.get(slot) ?? noPorts;
  }

  conflicts(slot: number, wanted: readonly HostPort[]): boolean {
    const used = this.#used.get(slot);
    return used?.some((taken) => wanted.some((port) => portsConflict(taken, port))) ?? false;
  }

  occupy(slot: number, ports: readonly HostPort[]): void {
    const used = this.#used.get(slot);
    if (used === undefined) this.#used.set(slot, [...ports]);
    else used.push(...ports);
  }

  vacate(slot: number, ports: readonly HostPort[]): void {
    const used = this.#used.get(slot) ?? [];
    for (const port of ports) {
      const at = used.findIndex(
        (taken) => taken.port === port.port && taken.protocol === port.protocol && taken.address === port.address,
      );
      if (at >= 0) used.splice(at, 1);
    }
    if (used.length === 0) this.#used.delete(slot);
  }
}
