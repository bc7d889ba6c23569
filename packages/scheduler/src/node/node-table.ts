import { ChangeLog } from './change-log.ts';
import { grownCapacity, grownFloats, grownInts } from './growth.ts';
import { type NodeFacts, sameFacts } from './node-facts.ts';
import { NodeOrder } from './node-order.ts';

/** Amounts of one node or pod: pairs of resource column and amount, columns ascending, no column twice. */
export interface Amounts {
  readonly columns: readonly number[];
  readonly amounts: readonly number[];
}

/**
 * The nodes as columns of numbers. A node lives in a slot for as long as it exists; slots are used again. Amounts stand at
 * `slot * stride + column`. Written by the session alone; rules read.
 */
export class NodeTable {
  /** Slots in use are below this number. */
  slots = 0;
  /** Nodes that exist. */
  count = 0;
  capacity = 0;
  stride: number;
  /** What pods may ask for in all. */
  allocatable: Float64Array = new Float64Array(0);
  /** What is left of it; below zero when more was bound than fits. */
  free: Float64Array = new Float64Array(0);
  /** CPU and memory (2 numbers a slot) in use for scores: pods that ask for none count as small ones. */
  weighed: Float64Array = new Float64Array(0);
  /** Raised whenever the facts of the slot change. */
  factsVersion: Int32Array = new Int32Array(0);
  readonly facts: (NodeFacts | undefined)[] = [];
  readonly order: NodeOrder;
  /** Slots of which anything changed: facts, amounts, pods. */
  readonly changes: ChangeLog = new ChangeLog();
  /** Slots that may admit what they refused before: pods went, or the node itself changed. */
  readonly relieved: ChangeLog = new ChangeLog();
  /** Slots whose facts changed, or that came or went. */
  readonly relabelled: ChangeLog = new ChangeLog();
  readonly #slotOfName = new Map<string, number>();
  readonly #vacant: number[] = [];

  constructor(hash: (name: string) => number, stride: number) {
    this.order = new NodeOrder(hash);
    this.stride = stride;
  }

  slotOf(name: string): number {
    return this.#slotOfName.get(name) ?? -1;
  }

  nameOf(slot: number): string {
    return this.facts[slot]?.name ?? '';
  }

  /** Makes the facts known; true when they are new or differ from those known. */
  differs(facts: NodeFacts): boolean {
    const known = this.facts[this.slotOf(facts.name)];
    return known === undefined || !sameFacts(known, facts);
  }

  /** Takes a new node in and answers its slot. */
  add(facts: NodeFacts): number {
    const slot = this.#vacant.pop() ?? this.slots++;
    this.#reserve(slot + 1);
    this.#slotOfName.set(facts.name, slot);
    this.count += 1;
    this.order.add(slot, facts.name, this.capacity);
    this.allocatable.fill(0, slot * this.stride, (slot + 1) * this.stride);
    this.free.fill(0, slot * this.stride, (slot + 1) * this.stride);
    this.weighed.fill(0, slot * 2, slot * 2 + 2);
    this.setFacts(slot, facts);
    return slot;
  }

  setFacts(slot: number, facts: NodeFacts): void {
    this.facts[slot] = facts;
    this.#markRelabelled(slot);
  }

  /** The caller has taken all pods off it. */
  remove(slot: number): void {
    this.#slotOfName.delete(this.nameOf(slot));
    this.facts[slot] = undefined;
    this.order.remove(slot);
    this.#vacant.push(slot);
    this.count -= 1;
    this.#markRelabelled(slot);
  }

  setAllocatable(slot: number, { columns, amounts }: Amounts): void {
    const base = slot * this.stride;
    for (let column = 0; column < this.stride; column += 1) {
      const at = columns.indexOf(column);
      const amount = at < 0 ? 0 : (amounts[at] as number);
      const before = this.allocatable[base + column] as number;
      if (amount === before) continue;
      this.allocatable[base + column] = amount;
      this.free[base + column] = (this.free[base + column] as number) + amount - before;
      this.changes.touch(slot);
      this.relieved.touch(slot);
    }
  }

  /** Widens the rows for resources that appeared since. */
  widen(columns: number): void {
    if (columns <= this.stride) return;
    const stride = Math.max(columns, this.stride + 4);
    this.allocatable = restrided(this.allocatable, this.stride, stride, this.capacity);
    this.free = restrided(this.free, this.stride, stride, this.capacity);
    this.stride = stride;
  }

  #markRelabelled(slot: number): void {
    this.factsVersion[slot] = (this.factsVersion[slot] as number) + 1;
    this.relabelled.touch(slot);
    this.changes.touch(slot);
    this.relieved.touch(slot);
  }

  #reserve(slots: number): void {
    if (slots <= this.capacity) return;
    this.capacity = grownCapacity(this.capacity, slots);
    this.allocatable = grownFloats(this.allocatable, this.capacity * this.stride);
    this.free = grownFloats(this.free, this.capacity * this.stride);
    this.weighed = grownFloats(this.weighed, this.capacity * 2);
    this.factsVersion = grownInts(this.factsVersion, this.capacity, 0);
    this.changes.grow(this.capacity);
    this.relieved.grow(this.capacity);
    this.relabelled.grow(this.capacity);
  }
}

function restrided(old: Float64Array, from: number, to: number, rows: number): Float64Array {
  const wider = new Float64Array(rows * to);
  for (let row = 0; row < rows; row += 1) wider.set(old.subarray(row * from, (row + 1) * from), row * to);
  return wider;
}
