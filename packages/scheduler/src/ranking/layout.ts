import { grownInts } from '../node/growth.ts';
import type { NodeTable } from '../node/node-table.ts';
import type { TopologyKey } from '../topology/topology-key.ts';

interface Group {
  /** Where the group's tree begins in arrays of `treeLength`. */
  readonly base: number;
  /** Leaves, a power of two. */
  readonly leaves: number;
  used: number;
}

/**
 * Sorts the nodes into groups that lie in the same domain of every one of some topology keys, and gives each node a leaf in its group's
 * binary tree: children of place i are 2i and 2i + 1, the root is place 1, leaves follow the inner places. Shared by
 * all classes that look at the same keys.
 */
export class Layout {
  readonly keys: readonly TopologyKey[];
  /** Raised when leaves move: trees are built anew then. */
  version = 0;
  groups = 0;
  /** By group. */
  bases: Int32Array = new Int32Array(0);
  /** By group. */
  leaves: Int32Array = new Int32Array(0);
  /** By slot; -1 for a slot never seen. */
  groupOf: Int32Array = new Int32Array(0);
  /** By slot: the place of its leaf within the group's tree. */
  leafOf: Int32Array = new Int32Array(0);
  /** By base + place of a leaf: the slot, or -1. */
  slotAt: Int32Array = new Int32Array(0);
  treeLength = 0;
  readonly #nodes: NodeTable;
  #cursor = 0;
  #list: Group[] = [];
  #byDomains = new Map<string, number>();

  constructor(nodes: NodeTable, keys: readonly TopologyKey[]) {
    this.#nodes = nodes;
    this.keys = keys;
    this.#arrange();
  }

  /** Takes in the nodes that came or changed since the last call. */
  settle(): void {
    const { relabelled } = this.#nodes;
    if (this.#cursor === relabelled.head) return;
    if (!relabelled.reaches(this.#cursor) || !this.#seatArrivals()) this.#arrange();
    this.#cursor = relabelled.head;
  }

  /** False when one of them finds no free leaf. */
  #seatArrivals(): boolean {
    const { relabelled } = this.#nodes;
    for (let entry = this.#cursor; entry < relabelled.head; entry += 1) {
      const slot = relabelled.slotAt(entry);
      if (relabelled.isLast(entry, slot) && !this.#seat(slot)) return false;
    }
    return true;
  }

  /** False when the node needs a leaf that is not free. A node that went keeps its leaf until another needs the slot. */
  #seat(slot: number): boolean {
    if (this.#nodes.facts[slot] === undefined) return true;
    if (slot >= this.groupOf.length) {
      this.groupOf = grownInts(this.groupOf, this.#nodes.capacity, -1);
      this.leafOf = grownInts(this.leafOf, this.#nodes.capacity, -1);
    }
    const index = this.#byDomains.get(this.#domainsOf(slot)) ?? -1;
    if (this.groupOf[slot] === index && index >= 0) return true;
    const group = this.#list[index];
    if (this.groupOf[slot] !== -1 || group === undefined || group.used === group.leaves) return false;
    this.#assign(slot, index, group);
    return true;
  }

  #assign(slot: number, index: number, group: Group): void {
    const leaf = group.leaves + group.used;
    group.used += 1;
    this.groupOf[slot] = index;
    this.leafOf[slot] = leaf;
    this.slotAt[group.base + leaf] = slot;
  }

  /** Lays everything out anew, with room for as many nodes again in groups that are full. */
  #arrange(): void {
    const { slots, facts, capacity } = this.#nodes;
    const members = new Map<string, number[]>();
    for (let slot = 0; slot < slots; slot += 1) {
      if (facts[slot] === undefined) continue;
      const domains = this.#domainsOf(slot);
      const list = members.get(domains);
      if (list === undefined) members.set(domains, [slot]);
      else list.push(slot);
    }
    this.#list = [];
    this.#byDomains = new Map();
    this.treeLength = 0;
    for (const [domains, list] of members) {
      const leaves = powerOfTwo(list.length + (members.size > 64 ? 0 : 1));
      this.#byDomains.set(domains, this.#list.length);
      this.#list.push({ base: this.treeLength, leaves, used: 0 });
      this.treeLength += 2 * leaves;
    }
    this.groups = this.#list.length;
    this.bases = Int32Array.from(this.#list, ({ base }) => base);
    this.leaves = Int32Array.from(this.#list, ({ leaves }) => leaves);
    this.groupOf = new Int32Array(capacity).fill(-1);
    this.leafOf = new Int32Array(capacity).fill(-1);
    this.slotAt = new Int32Array(this.treeLength).fill(-1);
    for (const [domains, list] of members) {
      const index = this.#byDomains.get(domains) as number;
      for (const slot of list) this.#assign(slot, index, this.#list[index] as Group);
    }
    this.#cursor = this.#nodes.relabelled.head;
    this.version += 1;
  }

  #domainsOf(slot: number): string {
    let text = '';
    for (const key of this.keys) text += `${key.domainOf[slot]} `;
    return text;
  }
}

function powerOfTwo(atLeast: number): number {
  let power = 1;
  while (power < atLeast) power *= 2;
  return power;
}
