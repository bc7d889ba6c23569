import type { Cluster } from '../cluster/cluster.ts';
import type { SpecFacts } from '../pod/pod-spec.ts';
import { type PodId, podState } from '../pod/pod-table.ts';
import type { PodClass } from '../ranking/pod-class.ts';
import type { Gang } from './gang-table.ts';

/** All pods are placed; their scores in the order in which they were. */
export interface GangPlacement {
  readonly scores: readonly number[];
}

/** How far a gang that could not be placed got. */
export interface GangShortfall {
  /** The most pods that could be placed together. */
  readonly placed: number;
  /** The first pod that found no node then. */
  readonly stuck: PodId;
}

/** Places gangs: all of the pods or none, in one domain if they want that. */
export class GangPlacer {
  readonly #cluster: Cluster;
  readonly #classOf: (pod: PodId) => PodClass;

  constructor(cluster: Cluster, classOf: (pod: PodId) => PodClass) {
    this.#cluster = cluster;
    this.#classOf = classOf;
  }

  /**
   * Tries the domains one by one, the one with the least room that should do first, so that large domains stay whole. A
   * domain in which pods of the gang run already is the only one.
   */
  place(gang: Gang, members: readonly PodId[]): GangPlacement | GangShortfall {
    let best: GangShortfall = { placed: -1, stuck: members[0] as PodId };
    for (const domain of this.#domains(gang, members)) {
      const result = this.#tryIn(domain, members);
      if ('scores' in result) return result;
      if (result.placed > best.placed) best = result;
    }
    return best.placed < 0 ? { ...best, placed: 0 } : best;
  }

  #tryIn(domain: number, members: readonly PodId[]): GangPlacement | GangShortfall {
    const { gangFocus, pods } = this.#cluster;
    const versionBefore = this.#cluster.version;
    const scores: number[] = [];
    gangFocus.domain = domain;
    for (const pod of members) {
      const podClass = this.#classOf(pod);
      const slot = podClass.best();
      if (slot < 0) break;
      scores.push(podClass.bestScore);
      this.#cluster.place(pod, slot, podClass.chooseDevices(slot));
      pods.state[pod] = podState.assumed;
    }
    gangFocus.domain = -1;
    if (scores.length === members.length) return { scores };
    for (let at = scores.length - 1; at >= 0; at -= 1) {
      this.#cluster.unplace(members[at] as PodId);
      pods.state[members[at] as PodId] = podState.pending;
    }
    // Nothing has changed in the end: nobody is to be tried again for it.
    this.#cluster.version = versionBefore;
    return { placed: scores.length, stuck: members[scores.length] as PodId };
  }

  #domains(gang: Gang, members: readonly PodId[]): readonly number[] {
    if (gang.topologyKey === undefined) return [-1];
    const key = this.#cluster.topology.key(gang.topologyKey);
    for (const pod of gang.members) {
      const slot = this.#cluster.pods.slot[pod] as number;
      if (slot >= 0) return [key.domainOf[slot] as number];
    }
    const room = this.#roomIn(key.domainOf, key.domains, members);
    return Array.from({ length: key.domains }, (_, domain) => domain)
      .filter((domain) => key.nodesIn(domain) > 0 && (room[domain] as number) >= members.length)
      .sort((left, right) => (room[left] as number) - (room[right] as number) || left - right);
  }

  /** How many pods like the first one each domain has room for, by requests alone; more than can be used counts as that. */
  #roomIn(domainOf: Int32Array, domains: number, members: readonly PodId[]): Float64Array {
    const { nodes, pods } = this.#cluster;
    const first = members[0] as PodId;
    const { columns, amounts } = (pods.specs[first] as SpecFacts).requests;
    const podClass = this.#classOf(first);
    const isUniform = members.every((pod) => pods.specs[pod] === pods.specs[first]);
    const room = new Float64Array(domains);
    for (let slot = 0; slot < nodes.slots; slot += 1) {
      const domain = domainOf[slot] as number;
      if (domain < 0 || podClass.rules.facts.isUnfit(slot)) continue;
      let fits = members.length;
      for (let at = 0; at < columns.length; at += 1) {
        const free = nodes.free[slot * nodes.stride + (columns[at] as number)] as number;
        fits = Math.min(fits, Math.max(0, Math.floor(free / (amounts[at] as number))));
      }
      room[domain] = (room[domain] as number) + (isUniform ? fits : members.length);
    }
    return room;
  }
}
