import type { Cluster } from '../cluster/cluster.ts';
import type { LabelSet } from '../pod/label-set.ts';
import { type PodId, podState } from '../pod/pod-table.ts';
import type { Budget, BudgetTable } from '../preemption/disruption-budget.ts';
import { unfit } from '../ranking/facts-table.ts';
import type { PodClass } from '../ranking/pod-class.ts';
import { Trial } from './trial.ts';

export interface RebalanceLimits {
  /** Moves that the plan may have, e.g. what is left of the moves allowed in this hour. */
  readonly movesMax: number;
  /** A move must make its pod's score better by this much: below it, staying is worth more than moving. */
  readonly gainMin: number;
}

export interface Move {
  readonly uid: string;
  readonly from: string;
  readonly to: string;
  /** By how much the new node scores better, all rules and everything moved before taken into account. */
  readonly gain: number;
}

export interface RebalancePlan {
  /** In the order in which they have to be made. */
  readonly moves: readonly Move[];
  /** Pods that would be better off elsewhere, but whose disruption budget is used up by now. */
  readonly heldByBudgets: number;
  /** Whether there would have been more moves without the limit on their number. */
  readonly isLimited: boolean;
}

/**
 * Which pods should run elsewhere, with their new places: the largest gains first, no pod twice, no disruption budget
 * exceeded. The new place is the one that the scheduler itself would choose, so that no pass undoes another's work.
 */
export function planMoves(
  cluster: Cluster,
  budgets: BudgetTable,
  limits: RebalanceLimits,
  classOf: (pod: PodId) => PodClass,
  isMovable: (pod: PodId) => boolean,
): RebalancePlan {
  using trial = new Trial(cluster);
  const candidates = cluster.pods.ids().filter((pod) => isSettled(cluster, pod) && isMovable(pod));
  const promising = candidates
    .map((pod) => ({ pod, gain: gainOf(cluster, pod, classOf).gain }))
    .filter(({ gain }) => gain >= limits.gainMin)
    .sort((left, right) => right.gain - left.gain || left.pod - right.pod);
  const moves: Move[] = [];
  const spent = new Map<Budget, number>();
  let heldByBudgets = 0;
  let isLimited = false;
  for (const { pod } of promising) {
    const { gain, to } = gainOf(cluster, pod, classOf);
    if (gain < limits.gainMin) continue;
    if (isHeld(cluster, budgets, pod, spent)) {
      heldByBudgets += 1;
      continue;
    }
    if (moves.length === limits.movesMax) {
      isLimited = true;
      break;
    }
    const from = cluster.nodes.nameOf(cluster.pods.slot[pod] as number);
    moves.push({ uid: cluster.pods.uids[pod] as string, from, to: cluster.nodes.nameOf(to), gain });
    for (const budget of budgets.of(cluster.pods.labels[pod] as LabelSet))
      spent.set(budget, (spent.get(budget) ?? 0) + 1);
    trial.remove(pod);
    trial.place(pod, to, classOf(pod).chooseDevices(to));
  }
  return { moves, heldByBudgets, isLimited };
}

/** What a pod would gain by being placed anew; a node that no longer suits it counts for nothing. */
function gainOf(
  cluster: Cluster,
  pod: PodId,
  classOf: (pod: PodId) => PodClass,
): { readonly gain: number; readonly to: number } {
  const from = cluster.pods.slot[pod] as number;
  using trial = new Trial(cluster);
  trial.remove(pod);
  const podClass = classOf(pod);
  const to = podClass.best();
  if (to < 0 || to === from) return { gain: 0, to: from };
  const best = podClass.bestScore;
  const present = podClass.scoreOf(from);
  return { gain: present === unfit ? Number.MAX_SAFE_INTEGER : best - present, to };
}

/** Bound, staying, and not about to make room for another. */
function isSettled({ pods }: Cluster, pod: PodId): boolean {
  return (
    pods.state[pod] === podState.bound &&
    (pods.slot[pod] as number) >= 0 &&
    pods.terminating[pod] === 0 &&
    pods.doomed[pod] === 0
  );
}

function isHeld({ pods }: Cluster, budgets: BudgetTable, pod: PodId, spent: ReadonlyMap<Budget, number>): boolean {
  return budgets.of(pods.labels[pod] as LabelSet).some((budget) => budget.allowed - (spent.get(budget) ?? 0) < 1);
}
