import type { PodId } from '../pod/pod-table.ts';
import type { PodClass } from '../ranking/pod-class.ts';

/** Pods that fit nowhere as things are, with the class in which they were refused; by now a pod may belong to another. */
export class Parking {
  readonly classes: Set<PodClass> = new Set();
  readonly #classOf = new Map<PodId, PodClass>();

  get size(): number {
    return this.#classOf.size;
  }

  classOf(pod: PodId): PodClass | undefined {
    return this.#classOf.get(pod);
  }

  add(pod: PodId, podClass: PodClass, namesNode: boolean): void {
    this.#classOf.set(pod, podClass);
    (namesNode ? podClass.parkedByName : podClass.parked).add(pod);
    this.classes.add(podClass);
  }

  remove(pod: PodId): void {
    const podClass = this.#classOf.get(pod);
    if (podClass === undefined) return;
    this.#classOf.delete(pod);
    podClass.parked.delete(pod);
    podClass.parkedByName.delete(pod);
    if (!podClass.hasParked) this.classes.delete(podClass);
  }
}
