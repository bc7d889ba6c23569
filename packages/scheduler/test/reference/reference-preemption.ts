import type { Node, Pod } from '@berth/api';
import type { DisruptionBudget } from '../../src/index.ts';
import { nameOf, podsOn, type ReferenceCluster, uidOf } from './reference-cluster.ts';
import { refusals } from './reference-filters.ts';
import { selects } from './reference-selectors.ts';

/** What is known of placed pods beyond their objects. */
export interface Standing {
  /** Pods that were chosen to go, or are being deleted. */
  isGoing(uid: string): boolean;
  /** Pods that only have the promise of their node. */
  isPromised(uid: string): boolean;
  /** Disruptions that a budget still allows. */
  allowed(budget: DisruptionBudget): number;
  readonly budgets: readonly DisruptionBudget[];
  /** Order in which pods became known. */
  arrivalOf(uid: string): number;
}

export interface ReferenceRoom {
  readonly node: string;
  /** Uids, sorted. */
  readonly victims: readonly string[];
  /** Pods without need of eviction that have to go, sorted. */
  readonly leaving: readonly string[];
}

/** The node on which making room costs least, in the documented order; undefined when no preemption helps. */
export function cheapestRoom(
  cluster: ReferenceCluster,
  pod: Pod,
  standing: Standing,
  orderOf: (name: string) => number,
): ReferenceRoom | undefined {
  const rooms = cluster.nodes.flatMap((node) => {
    const room = roomOn(cluster, pod, node, standing);
    return room === undefined ? [] : [room];
  });
  rooms.sort((left, right) => {
    for (const [at, cost] of left.cost.entries()) {
      const other = right.cost[at] as number;
      if (cost !== other) return cost < other ? -1 : 1;
    }
    return orderOf(left.node) - orderOf(right.node);
  });
  const [best] = rooms;
  if (best !== undefined && best.victims.length > 0 && pod.spec.preemptionPolicy === 'Never') return undefined;
  return best;
}

function roomOn(
  cluster: ReferenceCluster,
  pod: Pod,
  node: Node,
  standing: Standing,
): (ReferenceRoom & { readonly cost: readonly number[] }) | undefined {
  const priority = priorityOf(pod);
  const lower = podsOn(cluster, node)
    .filter((other) => priorityOf(other) < priority)
    .sort((left, right) => moreImportantFirst(left, right, standing));
  const without = (gone: ReadonlySet<Pod>): ReferenceCluster => ({
    ...cluster,
    placed: cluster.placed.filter((other) => !gone.has(other)),
  });
  const gone = new Set(lower);
  if (lower.length === 0 || refusals(without(gone), pod, node).length > 0) return undefined;
  const going = lower.filter((each) => standing.isGoing(uidOf(each)) || standing.isPromised(uidOf(each)));
  const staying = lower.filter((each) => !going.includes(each));
  const violating = breakers(staying, standing);
  const harmless = staying.filter((each) => !violating.includes(each));
  for (const each of [...violating, ...harmless, ...going]) {
    gone.delete(each);
    if (refusals(without(gone), pod, node).length > 0) gone.add(each);
  }
  const victims = staying.filter((each) => gone.has(each));
  const highest = Math.max(...victims.map(priorityOf));
  const oldest = Math.min(...victims.filter((each) => priorityOf(each) === highest).map(createdAt));
  return {
    node: nameOf(node),
    victims: victims.map(uidOf).sort(),
    leaving: going
      .filter((each) => gone.has(each))
      .map(uidOf)
      .sort(),
    cost: [
      victims.filter((each) => violating.includes(each)).length,
      highest,
      victims.reduce((sum, each) => sum + priorityOf(each) + 2 ** 31, 0),
      victims.length,
      -oldest,
    ],
  };
}

/** Those whose eviction would break a budget if all pods were evicted in this order. */
function breakers(pods: readonly Pod[], standing: Standing): readonly Pod[] {
  const left = new Map(standing.budgets.map((budget) => [budget, standing.allowed(budget)]));
  return pods.filter((pod) => {
    let isBreaking = false;
    for (const budget of standing.budgets) {
      if (budget.metadata.namespace !== pod.metadata.namespace) continue;
      if (!selects(budget.spec.selector, pod.metadata.labels ?? {})) continue;
      const rest = (left.get(budget) as number) - 1;
      left.set(budget, rest);
      if (rest < 0) isBreaking = true;
    }
    return isBreaking;
  });
}

function moreImportantFirst(left: Pod, right: Pod, { arrivalOf }: Standing): number {
  return (
    priorityOf(right) - priorityOf(left) ||
    createdAt(left) - createdAt(right) ||
    arrivalOf(uidOf(left)) - arrivalOf(uidOf(right))
  );
}

function priorityOf(pod: Pod): number {
  return pod.spec.priority ?? 0;
}

function createdAt(pod: Pod): number {
  return Date.parse(pod.metadata.creationTimestamp ?? '');
}
