import type { PodId } from '../pod/pod-table.ts';

/** Which pods wait for which others to be gone. */
export class Nominations {
  readonly #awaited = new Map<PodId, Set<PodId>>();
  readonly #nominees = new Map<PodId, Set<PodId>>();

  has(nominee: PodId): boolean {
    return this.#awaited.has(nominee);
  }

  add(nominee: PodId, leaving: readonly PodId[]): void {
    this.#awaited.set(nominee, new Set(leaving));
    for (const pod of leaving) {
      const nominees = this.#nominees.get(pod);
      if (nominees === undefined) this.#nominees.set(pod, new Set([nominee]));
      else nominees.add(nominee);
    }
  }

  /** The pod waits no more. */
  remove(nominee: PodId): void {
    for (const pod of this.#awaited.get(nominee) ?? []) {
      const nominees = this.#nominees.get(pod);
      nominees?.delete(nominee);
      if (nominees?.size === 0) this.#nominees.delete(pod);
    }
    this.#awaited.delete(nominee);
  }

  /** A pod is gone; answers the nominees that have nothing to wait for any more. */
  settle(gone: PodId): readonly PodId[] {
    const ready: PodId[] = [];
    for (const nominee of this.#nominees.get(gone) ?? []) {
      const awaited = this.#awaited.get(nominee);
      awaited?.delete(gone);
      if (awaited?.size === 0) ready.push(nominee);
    }
    this.#nominees.delete(gone);
    return ready;
  }
}
