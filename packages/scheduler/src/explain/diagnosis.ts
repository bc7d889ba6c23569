import type { Cluster } from '../cluster/cluster.ts';
import { type Check, isPassed, type PodClass } from '../ranking/pod-class.ts';
import type { ReasonSink } from '../rule/reason.ts';

/** Why a pod fits nowhere. */
export interface Diagnosis {
  /** Nodes looked at. */
  readonly nodes: number;
  /** Reason, in Kubernetes' words, and the number of nodes that have it; a node can have several. */
  readonly reasons: ReadonlyMap<string, number>;
  /** Nodes on which no preemption can help. */
  readonly hopeless: number;
  /** The node that fails the fewest rules; undefined when there is no node. */
  readonly nearest: NearestMiss | undefined;
}

export interface NearestMiss {
  readonly node: string;
  /** What stands in the way there, all rules asked. */
  readonly reasons: readonly string[];
}

export const pinnedElsewhere = "node(s) didn't match Pod's node affinity/selector";

/** In place of the slot of the node that a pod names. */
export const namesNoNode = -2;

/** Asks every rule about every node. `pin` is the slot of the one node that the pod names, or `namesNoNode`. */
export function diagnose(cluster: Cluster, podClass: PodClass, pin: number): Diagnosis {
  const { nodes } = cluster;
  const { checks, facts } = podClass.rules;
  const tally = new Tally();
  let nearest = -1;
  let fewest = checks.length + 2;
  for (let slot = 0; slot < nodes.slots; slot += 1) {
    if (nodes.facts[slot] === undefined) continue;
    tally.begin();
    let failed = 0;
    if (pin !== namesNoNode && pin !== slot) {
      tally.add(pinnedElsewhere, 'nothing');
      failed = 1;
    }
    const refusing = facts.refusing(slot);
    for (let at = 0; at < checks.length; at += 1) {
      const check = checks[at] as Check;
      if (isPassed(check, slot, refusing)) continue;
      if (failed === 0) check.explain(slot, tally);
      failed += 1;
    }
    if (failed > fewest || (failed === fewest && !isEarlier(cluster, slot, nearest))) continue;
    nearest = slot;
    fewest = failed;
  }
  return {
    nodes: nodes.count,
    reasons: tally.reasons,
    hopeless: tally.hopeless,
    nearest: nearest < 0 ? undefined : miss(cluster, checks, nearest, pin),
  };
}

/** The reasons of the first filter that refuses a node, and whether no preemption can help there. */
export function firstReasons(
  checks: readonly Check[],
  slot: number,
): { readonly reasons: readonly string[]; readonly isHopeless: boolean } {
  const reasons: string[] = [];
  let isHopeless = false;
  const check = checks.find((each) => !each.admits(slot));
  check?.explain(slot, {
    add: (text, cure) => {
      reasons.push(text);
      if (cure === 'nothing') isHopeless = true;
    },
  });
  return { reasons, isHopeless };
}

/** Every reason that stands between a class and one node. */
function reasonsAgainst(checks: readonly Check[], slot: number): readonly string[] {
  const reasons: string[] = [];
  const sink: ReasonSink = { add: (text) => reasons.push(text) };
  for (const check of checks) if (!check.admits(slot)) check.explain(slot, sink);
  return reasons;
}

function miss(cluster: Cluster, checks: readonly Check[], slot: number, pin: number): NearestMiss {
  const elsewhere = pin !== namesNoNode && pin !== slot ? [pinnedElsewhere] : [];
  return { node: cluster.nodes.nameOf(slot), reasons: [...elsewhere, ...reasonsAgainst(checks, slot)] };
}

function isEarlier({ nodes }: Cluster, left: number, right: number): boolean {
  const { ranks } = nodes.order;
  return right < 0 || (ranks[left] as number) < (ranks[right] as number);
}

/** Counts reasons. The same few texts come again and again, mostly the one that came last. */
class Tally implements ReasonSink {
  readonly #texts: string[] = [];
  readonly #counts: number[] = [];
  readonly #places = new Map<string, number>();
  #last = -1;
  hopeless = 0;
  #isHopeless = false;

  get reasons(): ReadonlyMap<string, number> {
    return new Map(this.#texts.map((text, at) => [text, this.#counts[at] as number]));
  }

  begin(): void {
    this.#isHopeless = false;
  }

  add(text: string, cure: 'pods' | 'nothing'): void {
    if (this.#last < 0 || this.#texts[this.#last] !== text) this.#last = this.#placeOf(text);
    this.#counts[this.#last] = (this.#counts[this.#last] as number) + 1;
    if (cure === 'pods' || this.#isHopeless) return;
    this.#isHopeless = true;
    this.hopeless += 1;
  }

  #placeOf(text: string): number {
    let place = this.#places.get(text);
    if (place === undefined) {
      place = this.#texts.length;
      this.#places.set(text, place);
      this.#texts.push(text);
      this.#counts.push(0);
    }
    return place;
  }
}
