import { grownBytes, grownFloats, grownInts, thriftyCapacity } from '../node/growth.ts';
import type { LabelSet } from './label-set.ts';
import type { SpecFacts } from './pod-spec.ts';
import { UidIndex } from './uid-index.ts';

/** Where a pod stands. */
export const podState = {
  /** Waits in the queue. */
  pending: 1,
  /** Has scheduling gates. */
  gated: 2,
  /** Fits nowhere as things are. */
  parked: 3,
  /** Placed by a decision that is not confirmed yet. */
  assumed: 4,
  /** Bound to a node. */
  bound: 5,
  /** Has the promise of a node, where others have to go first; it is counted there. */
  nominated: 6,
} as const;

/** A pod's number while it is known; numbers are used again. */
export type PodId = number;

/**
 * The pods as columns of numbers. The pods of a node, and the placed pods with the same labels, are chained through
 * the columns `…OnNode` and `…WithLabels`.
 */
export class PodTable {
  /** Pods known. */
  count = 0;
  capacity = 0;
  state: Uint8Array = new Uint8Array(0);
  /** Slot of the node it runs on or was placed on; -1 when it is on none that is known. */
  slot: Int32Array = new Int32Array(0);
  /** Whether it is being deleted. */
  terminating: Uint8Array = new Uint8Array(0);
  /** Whether it names its node by affinity. */
  pinned: Uint8Array = new Uint8Array(0);
  /** Whether it was chosen to make room for another. */
  doomed: Uint8Array = new Uint8Array(0);
  /** Milliseconds since the epoch. */
  created: Float64Array = new Float64Array(0);
  /** Number of its arrival: among pods of one moment the first one known is the first one served. */
  arrival: Float64Array = new Float64Array(0);
  nextOnNode: Int32Array = new Int32Array(0);
  previousOnNode: Int32Array = new Int32Array(0);
  nextWithLabels: Int32Array = new Int32Array(0);
  previousWithLabels: Int32Array = new Int32Array(0);
  /** First pod of each slot; -1 when it has none. */
  firstOnNode: Int32Array = new Int32Array(0);
  readonly specs: SpecFacts[] = [];
  readonly labels: LabelSet[] = [];
  readonly uids: string[] = [];
  readonly names: string[] = [];
  /** The node it names, for pods that name it by affinity and those bound to a node that is not known. */
  readonly nodeNames: Map<PodId, string> = new Map();
  /** The node that its status says it was promised, for pods that have a promise. */
  readonly promises: Map<PodId, string> = new Map();
  /** What the annotation of devices says, for pods that have it. */
  readonly deviceNotes: Map<PodId, string> = new Map();
  readonly #index: UidIndex = new UidIndex(this.uids);
  /** 1 for numbers in use. */
  #known: Uint8Array = new Uint8Array(0);
  readonly #vacant: PodId[] = [];
  #ids = 0;
  #arrivals = 0;

  find(uid: string): PodId {
    return this.#index.find(uid);
  }

  /** Of all pods known, by arrival. */
  ids(): readonly PodId[] {
    const known: PodId[] = [];
    for (let pod = 0; pod < this.#ids; pod += 1) if (this.#known[pod] === 1) known.push(pod);
    return known.sort((left, right) => (this.arrival[left] as number) - (this.arrival[right] as number));
  }

  add(uid: string, name: string): PodId {
    const pod = this.#vacant.pop() ?? this.#ids++;
    this.#reserve(pod + 1);
    this.uids[pod] = uid;
    this.#index.add(pod);
    this.#known[pod] = 1;
    this.names[pod] = name;
    this.doomed[pod] = 0;
    this.slot[pod] = -1;
    this.arrival[pod] = this.#arrivals++;
    this.count += 1;
    return pod;
  }

  /** The caller has taken it off its node and out of the queue. */
  remove(pod: PodId): void {
    this.#index.remove(pod);
    this.#known[pod] = 0;
    this.state[pod] = 0;
    this.uids[pod] = '';
    this.nodeNames.delete(pod);
    this.promises.delete(pod);
    this.deviceNotes.delete(pod);
    this.names[pod] = '';
    this.#vacant.push(pod);
    this.count -= 1;
  }

  /** Makes room for chains of pods on slots below `capacity`. */
  reserveNodes(capacity: number): void {
    this.firstOnNode = grownInts(this.firstOnNode, capacity, -1);
  }

  /** Chains the pod to the node and to the pods with its labels. */
  link(pod: PodId, slot: number): void {
    const first = this.firstOnNode[slot] as number;
    this.slot[pod] = slot;
    this.nextOnNode[pod] = first;
    this.previousOnNode[pod] = -1;
    if (first >= 0) this.previousOnNode[first] = pod;
    this.firstOnNode[slot] = pod;
    const labels = this.labels[pod] as LabelSet;
    this.nextWithLabels[pod] = labels.firstPod;
    this.previousWithLabels[pod] = -1;
    if (labels.firstPod >= 0) this.previousWithLabels[labels.firstPod] = pod;
    labels.firstPod = pod;
  }

  unlink(pod: PodId): void {
    const slot = this.slot[pod] as number;
    const next = this.nextOnNode[pod] as number;
    const previous = this.previousOnNode[pod] as number;
    if (previous >= 0) this.nextOnNode[previous] = next;
    else this.firstOnNode[slot] = next;
    if (next >= 0) this.previousOnNode[next] = previous;
    this.slot[pod] = -1;
    const labels = this.labels[pod] as LabelSet;
    const nextAlike = this.nextWithLabels[pod] as number;
    const previousAlike = this.previousWithLabels[pod] as number;
    if (previousAlike >= 0) this.nextWithLabels[previousAlike] = nextAlike;
    else labels.firstPod = nextAlike;
    if (nextAlike >= 0) this.previousWithLabels[nextAlike] = previousAlike;
  }

  #reserve(pods: number): void {
    if (pods <= this.capacity) return;
    this.capacity = thriftyCapacity(this.capacity, pods);
    this.state = grownBytes(this.state, this.capacity);
    this.#known = grownBytes(this.#known, this.capacity);
    this.terminating = grownBytes(this.terminating, this.capacity);
    this.pinned = grownBytes(this.pinned, this.capacity);
    this.doomed = grownBytes(this.doomed, this.capacity);
    this.slot = grownInts(this.slot, this.capacity, -1);
    this.created = grownFloats(this.created, this.capacity);
    this.arrival = grownFloats(this.arrival, this.capacity);
    this.nextOnNode = grownInts(this.nextOnNode, this.capacity, -1);
    this.previousOnNode = grownInts(this.previousOnNode, this.capacity, -1);
    this.nextWithLabels = grownInts(this.nextWithLabels, this.capacity, -1);
    this.previousWithLabels = grownInts(this.previousWithLabels, this.capacity, -1);
  }
}
