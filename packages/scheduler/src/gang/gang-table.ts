import type { PodId } from '../pod/pod-table.ts';
import type { GangNote } from './gang-note.ts';

/** Pods that are placed together or not at all. */
export class Gang {
  readonly key: string;
  /** Pods that it needs at once, as the pod that became known last says. */
  size: number;
  topologyKey: string | undefined;
  readonly members: Set<PodId> = new Set();
  /** Version of the cluster at the last try; -1 when it is to be tried in any case. */
  triedAt = -1;

  constructor({ key, size, topologyKey }: GangNote) {
    this.key = key;
    this.size = size;
    this.topologyKey = topologyKey;
  }
}

/** All gangs that have a pod. */
export class GangTable {
  readonly #gangs = new Map<string, Gang>();
  readonly #byPod = new Map<PodId, Gang>();
  /** Gangs that were refused. */
  readonly parked: Set<Gang> = new Set();

  of(pod: PodId): Gang | undefined {
    return this.#byPod.get(pod);
  }

  join(pod: PodId, note: GangNote): void {
    let gang = this.#gangs.get(note.key);
    if (gang === undefined) {
      gang = new Gang(note);
      this.#gangs.set(note.key, gang);
    }
    gang.size = note.size;
    gang.topologyKey = note.topologyKey;
    gang.members.add(pod);
    gang.triedAt = -1;
    this.#byPod.set(pod, gang);
  }

  leave(pod: PodId): void {
    const gang = this.#byPod.get(pod);
    if (gang === undefined) return;
    this.#byPod.delete(pod);
    gang.members.delete(pod);
    if (gang.members.size > 0) return;
    this.#gangs.delete(gang.key);
    this.parked.delete(gang);
  }
}
