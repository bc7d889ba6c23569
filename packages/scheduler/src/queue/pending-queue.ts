import { grownCapacity, grownInts } from '../node/growth.ts';
import type { SpecFacts } from '../pod/pod-spec.ts';
import type { PodId, PodTable } from '../pod/pod-table.ts';

/** Pods waiting for a decision: higher priority first, then the older, then the one known first. A binary heap. */
export class PendingQueue {
  length = 0;
  readonly #pods: PodTable;
  #heap: Int32Array = new Int32Array(0);
  /** By pod: its place in the heap, or -1. */
  #places: Int32Array = new Int32Array(0);

  constructor(pods: PodTable) {
    this.#pods = pods;
  }

  has(pod: PodId): boolean {
    return pod < this.#places.length && (this.#places[pod] as number) >= 0;
  }

  push(pod: PodId): void {
    if (this.has(pod)) return;
    this.#places = grownInts(this.#places, this.#pods.capacity, -1);
    if (this.length === this.#heap.length)
      this.#heap = grownInts(this.#heap, grownCapacity(this.#heap.length, this.length + 1), -1);
    this.#rise(pod, this.length++);
  }

  /** The next pod to decide on, or -1. */
  pop(): PodId {
    if (this.length === 0) return -1;
    const pod = this.#heap[0] as number;
    this.remove(pod);
    return pod;
  }

  remove(pod: PodId): void {
    if (!this.has(pod)) return;
    const place = this.#places[pod] as number;
    this.#places[pod] = -1;
    this.length -= 1;
    if (place === this.length) return;
    const last = this.#heap[this.length] as number;
    const parent = (place - 1) >> 1;
    if (place > 0 && this.precedes(last, this.#heap[parent] as number)) this.#rise(last, place);
    else this.#sink(last, place);
  }

  #rise(pod: PodId, from: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.#heap[parent] as number;
      if (!this.precedes(pod, above)) break;
      this.#set(above, place);
      place = parent;
    }
    this.#set(pod, place);
  }

  #sink(pod: PodId, from: number): void {
    let place = from;
    for (;;) {
      let child = place * 2 + 1;
      if (child >= this.length) break;
      if (child + 1 < this.length && this.precedes(this.#heap[child + 1] as number, this.#heap[child] as number))
        child += 1;
      const below = this.#heap[child] as number;
      if (!this.precedes(below, pod)) break;
      this.#set(below, place);
      place = child;
    }
    this.#set(pod, place);
  }

  #set(pod: PodId, place: number): void {
    this.#heap[place] = pod;
    this.#places[pod] = place;
  }

  /** Whether the left pod is served before the right one. */
  precedes(left: PodId, right: PodId): boolean {
    const { specs, created, arrival } = this.#pods;
    const priority = (specs[left] as SpecFacts).priority - (specs[right] as SpecFacts).priority;
    if (priority !== 0) return priority > 0;
    const age = (created[left] as number) - (created[right] as number);
    return age === 0 ? (arrival[left] as number) < (arrival[right] as number) : age < 0;
  }
}
