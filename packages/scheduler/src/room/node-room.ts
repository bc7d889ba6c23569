import { formatQuantity, type Node, type Pod } from '@berth/api';
import type { Amounts } from '../node/node-table.ts';
import { cpuColumn, memoryColumn, podsColumn, ResourceTable } from '../node/resource-table.ts';
import { type HostPort, portsConflict } from '../pod/host-port.ts';
import { amountsOf } from '../pod/pod-requests.ts';
import { toleratesCordon } from '../rule/filter/node-unschedulable.ts';
import { deviceRoom } from './device-room.ts';
import { type PodFootprint, podFootprint } from './pod-footprint.ts';

export type Room =
  /** `devices`: the value of the annotation for a pod that asks for devices and was not told which. */
  | { readonly kind: 'fits'; readonly devices?: string }
  /** `why` names what is missing, what was asked for and what is free. */
  | { readonly kind: 'short'; readonly why: string };

const fits: Room = { kind: 'fits' };
const short = (why: string): Room => ({ kind: 'short', why });

/**
 * Whether one pod more has room on a node, looked at for itself: without a session, from the objects alone. The server asks this of
 * every binding, whoever decided on it. What it remembers of objects goes with them.
 */
export class NodeRoom {
  readonly #resources = new ResourceTable();
  readonly #footprints = new WeakMap<Pod, PodFootprint>();
  readonly #allocatable = new WeakMap<Node, Amounts>();

  /** `others`: all pods bound to the node, or about to be, `pod` not among them. Throws a `QuantityError` on an amount that is none. */
  look(node: Node, others: readonly Pod[], pod: Pod): Room {
    const wanted = this.#footprint(pod);
    if (node.spec?.unschedulable === true && !toleratesCordon(pod.spec.tolerations ?? []))
      return short('the node is unschedulable');
    const present = others.map((other) => this.#footprint(other)).filter(({ isOver }) => !isOver);
    const tooLittle = this.#tooLittle(node, present, wanted) ?? portTaken(present, wanted);
    if (tooLittle !== undefined) return short(tooLittle);
    if (wanted.requests.devices.length === 0) return fits;
    return deviceRoom(wanted, present, (resource) => this.#amountOn(node, resource));
  }

  #tooLittle(node: Node, present: readonly PodFootprint[], { requests }: PodFootprint): string | undefined {
    const free: number[] = [];
    const total = this.#allocatableOf(node);
    for (const [at, column] of total.columns.entries()) free[column] = total.amounts[at] as number;
    for (const { requests: taken } of present)
      for (let at = 0; at < taken.columns.length; at += 1) {
        const column = taken.columns[at] as number;
        free[column] = (free[column] ?? 0) - (taken.amounts[at] as number);
      }
    for (const [at, column] of requests.columns.entries()) {
      const asked = requests.amounts[at] as number;
      const left = free[column] ?? 0;
      if (left >= asked) continue;
      const name = this.#resources.nameOf(column);
      const has = this.#amountOn(node, name);
      if (column === podsColumn) return `Too many pods: ${has - left} of ${has} are there`;
      const text = (amount: number): string => amountText(column, amount);
      return `Insufficient ${name}: asks for ${text(asked)}, ${text(Math.max(0, left))} of ${text(has)} is free`;
    }
    return undefined;
  }

  #amountOn(node: Node, resource: string): number {
    const { columns, amounts } = this.#allocatableOf(node);
    return amounts[columns.indexOf(this.#resources.columnOf(resource))] ?? 0;
  }

  #allocatableOf(node: Node): Amounts {
    let known = this.#allocatable.get(node);
    if (known === undefined) {
      known = amountsOf(node.status?.allocatable ?? node.status?.capacity, this.#resources);
      this.#allocatable.set(node, known);
    }
    return known;
  }

  #footprint(pod: Pod): PodFootprint {
    let known = this.#footprints.get(pod);
    if (known === undefined) {
      known = podFootprint(pod, this.#resources);
      this.#footprints.set(pod, known);
    }
    return known;
  }
}

function portTaken(present: readonly PodFootprint[], { ports }: PodFootprint): string | undefined {
  if (ports.length === 0) return undefined;
  const taken = ports.find((port) => present.some((other) => other.ports.some((each) => portsConflict(each, port))));
  return taken === undefined ? undefined : `host port ${portText(taken)} is taken`;
}

function portText({ address, port, protocol }: HostPort): string {
  return `${address}:${port}/${protocol}`;
}

/** CPU in thousandths of a core, everything else in whole units. */
function amountText(column: number, amount: number): string {
  const nanos = BigInt(amount) * (column === cpuColumn ? 1_000_000n : 1_000_000_000n);
  return formatQuantity({ nanos, style: column === memoryColumn ? 'binary' : 'decimal' });
}
