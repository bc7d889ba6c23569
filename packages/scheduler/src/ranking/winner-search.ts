import { grownCapacity, grownInts } from '../node/growth.ts';
import { unfit } from './facts-table.ts';
import type { Ranking } from './ranking.ts';

/** What a class adds to a ranking that it shares with others. */
export interface Adjustment {
  /** What the domains of a group give to all of its nodes; `unfit` when they refuse them. Asked with any node of the group. */
  groupPoints(slot: number): number;
  /** What a node's own domains give to it, never more than 0; `unfit` when they refuse it. */
  nodePoints(slot: number): number;
}

/**
 * Finds the best node of a ranking whose scores are upper bounds: looks at the winner of the most promising tree, splits the tree
 * without it into the trees beside its path, and goes on until no tree can hold anything better. Looks at few nodes where
 * adjustments concern few.
 */
export class WinnerSearch {
  bestScore: number = unfit;
  /** Nodes looked at in the last search. */
  looks = 0;
  /** A binary heap of trees, best first: group, place of the root, and what no node in it can exceed. */
  #size = 0;
  #groups: Int32Array = new Int32Array(0);
  #places: Int32Array = new Int32Array(0);
  #bounds: Int32Array = new Int32Array(0);
  #slots: Int32Array = new Int32Array(0);

  /** The slot of the best node, or -1. The ranking is settled. */
  search(ranking: Ranking, adjustment: Adjustment, ranks: Int32Array): number {
    this.#size = 0;
    this.looks = 0;
    this.bestScore = unfit;
    let best = -1;
    for (let group = 0; group < ranking.layout.groups; group += 1) {
      const slot = ranking.winnerAt(group, 1);
      if (slot < 0 || ranking.scores[slot] === unfit) continue;
      const points = adjustment.groupPoints(slot);
      if (points !== unfit) this.#push(group, 1, (ranking.scores[slot] as number) + points, slot, ranks);
    }
    while (this.#size > 0) {
      const slot = this.#slots[0] as number;
      const bound = this.#bounds[0] as number;
      const isBetter = best < 0 || bound > this.bestScore;
      if (!isBetter && (bound < this.bestScore || (ranks[slot] as number) > (ranks[best] as number))) break;
      this.looks += 1;
      const points = adjustment.nodePoints(slot);
      const score = points === unfit ? unfit : bound + points;
      const isTie = score === this.bestScore && best >= 0 && (ranks[slot] as number) < (ranks[best] as number);
      if (score > this.bestScore || (score !== unfit && isTie)) {
        best = slot;
        this.bestScore = score;
      }
      this.#split(ranking, slot, ranks);
    }
    return best;
  }

  /** Replaces the first tree by the trees beside the path from its root to its winner. */
  #split(ranking: Ranking, winner: number, ranks: Int32Array): void {
    const group = this.#groups[0] as number;
    const bonus = (this.#bounds[0] as number) - (ranking.scores[winner] as number);
    let place = this.#places[0] as number;
    this.#pop(ranks);
    const leaves = ranking.layout.leaves[group] as number;
    while (place < leaves) {
      const isLeft = ranking.winnerAt(group, place * 2) === winner;
      const sibling = isLeft ? place * 2 + 1 : place * 2;
      place = isLeft ? place * 2 : place * 2 + 1;
      const slot = ranking.winnerAt(group, sibling);
      if (slot < 0 || ranking.scores[slot] === unfit) continue;
      this.#push(group, sibling, (ranking.scores[slot] as number) + bonus, slot, ranks);
    }
  }

  #push(group: number, place: number, bound: number, slot: number, ranks: Int32Array): void {
    if (this.#size === this.#groups.length) this.#reserve();
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#precedes(bound, slot, parent, ranks)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#set(at, group, place, bound, slot);
  }

  #pop(ranks: Int32Array): void {
    this.#size -= 1;
    const last = this.#size;
    const bound = this.#bounds[last] as number;
    const slot = this.#slots[last] as number;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= last) break;
      const right = child + 1;
      if (right < last && this.#precedes(this.#bounds[right] as number, this.#slots[right] as number, child, ranks))
        child = right;
      if (this.#precedes(bound, slot, child, ranks)) break;
      this.#move(child, at);
      at = child;
    }
    this.#set(at, this.#groups[last] as number, this.#places[last] as number, bound, slot);
  }

  #precedes(bound: number, slot: number, at: number, ranks: Int32Array): boolean {
    const difference = bound - (this.#bounds[at] as number);
    return (
      difference > 0 || (difference === 0 && (ranks[slot] as number) < (ranks[this.#slots[at] as number] as number))
    );
  }

  #move(from: number, to: number): void {
    this.#set(
      to,
      this.#groups[from] as number,
      this.#places[from] as number,
      this.#bounds[from] as number,
      this.#slots[from] as number,
    );
  }

  #set(at: number, group: number, place: number, bound: number, slot: number): void {
    this.#groups[at] = group;
    this.#places[at] = place;
    this.#bounds[at] = bound;
    this.#slots[at] = slot;
  }

  #reserve(): void {
    const capacity = grownCapacity(this.#groups.length, this.#size + 1);
    this.#groups = grownInts(this.#groups, capacity, 0);
    this.#places = grownInts(this.#places, capacity, 0);
    this.#bounds = grownInts(this.#bounds, capacity, 0);
    this.#slots = grownInts(this.#slots, capacity, 0);
  }
}
