import type { Cluster } from '../cluster/cluster.ts';
import { diagnose, namesNoNode } from '../explain/diagnosis.ts';
import { sentence } from '../explain/sentence.ts';
import { type PodId, podState } from '../pod/pod-table.ts';
import type { PendingQueue } from '../queue/pending-queue.ts';
import type { PodClass } from '../ranking/pod-class.ts';
import type { Refusal } from '../session/session.ts';
import { GangPlacer, type GangShortfall } from './gang-placer.ts';
import type { Gang, GangTable } from './gang-table.ts';

export interface GangParts {
  readonly cluster: Cluster;
  readonly queue: PendingQueue;
  readonly gangs: GangTable;
  classOf(pod: PodId): PodClass;
}

/** Told of each pod of a gang. */
export interface GangSink {
  placed(pod: PodId, score: number): void;
  refused(pod: PodId, refusal: Refusal): void;
}

/** Decides on gangs as wholes, whichever of their pods comes to the head of the queue. */
export class GangDecisions {
  readonly #parts: GangParts;
  readonly #placer: GangPlacer;

  constructor(parts: GangParts) {
    this.#parts = parts;
    this.#placer = new GangPlacer(parts.cluster, parts.classOf);
  }

  /** `first` is the pod that was taken from the queue. */
  decide(gang: Gang, first: PodId, sink: GangSink): void {
    const { queue, gangs, cluster } = this.#parts;
    const waiting = this.#waiting(gang);
    gangs.parked.add(gang);
    if (this.#present(gang) < gang.size) {
      cluster.pods.state[first] = podState.parked;
      sink.refused(
        first,
        this.#refusal(first, `waits for the other pods of gang "${gang.key}": it needs ${gang.size} at once`),
      );
      return;
    }
    for (const pod of waiting) queue.remove(pod);
    const result = this.#placer.place(gang, waiting);
    gang.triedAt = cluster.version;
    if ('scores' in result) {
      gangs.parked.delete(gang);
      for (const [at, pod] of waiting.entries()) sink.placed(pod, result.scores[at] as number);
      return;
    }
    const refusal = this.#refusal(result.stuck, this.#shortfall(gang, waiting, result));
    for (const pod of waiting) {
      cluster.pods.state[pod] = podState.parked;
      sink.refused(pod, refusal);
    }
  }

  /** Lets gangs that were refused try again where something changed that could help. */
  revive(): void {
    const { cluster, gangs, queue } = this.#parts;
    for (const gang of gangs.parked) {
      const waiting = this.#waiting(gang);
      const [first] = waiting;
      const isWorthIt = gang.triedAt !== cluster.version && this.#present(gang) >= gang.size;
      if (first === undefined) gangs.parked.delete(gang);
      if (first === undefined || !isWorthIt || this.#parts.classOf(first).best() < 0) continue;
      gangs.parked.delete(gang);
      for (const pod of waiting) {
        cluster.pods.state[pod] = podState.pending;
        queue.push(pod);
      }
    }
  }

  /** Pods without a node that may have one, in the order of the queue. */
  #waiting(gang: Gang): readonly PodId[] {
    const { state } = this.#parts.cluster.pods;
    const waiting = [...gang.members].filter(
      (pod) => state[pod] === podState.pending || state[pod] === podState.parked,
    );
    return waiting.sort((left, right) => (this.#parts.queue.precedes(left, right) ? -1 : 1));
  }

  #present(gang: Gang): number {
    const { state } = this.#parts.cluster.pods;
    let present = 0;
    for (const pod of gang.members) if (state[pod] !== podState.gated) present += 1;
    return present;
  }

  #shortfall(gang: Gang, waiting: readonly PodId[], { placed }: GangShortfall): string {
    const where = gang.topologyKey === undefined ? '' : ` in one ${gang.topologyKey}`;
    return `gang "${gang.key}" needs ${waiting.length} pod(s) placed at once${where}, at most ${placed} fit`;
  }

  #refusal(pod: PodId, message: string): Refusal {
    const podClass = this.#parts.classOf(pod);
    const diagnosis = diagnose(this.#parts.cluster, podClass, namesNoNode);
    const isAlone = podClass.best() < 0;
    return { message: isAlone ? `${sentence(diagnosis)} ${message}.` : `${message}.`, diagnosis };
  }
}
