import { grownInts } from '../node/growth.ts';
import type { NodeTable } from '../node/node-table.ts';
import { unfit } from './facts-table.ts';
import type { Layout } from './layout.ts';

/** What a ranking asks about nodes. */
export interface Appraisal {
  /** The score of a node by everything that changes only when the node itself is touched; `unfit` when it does not fit. */
  appraise(slot: number): number;
  /** Whether answers for untouched nodes may have changed since the last call. */
  hasTurned(): boolean;
}

/**
 * Keeps the best node of each group at the root of a tree of winners. Each time it is asked, only the nodes touched since
 * are appraised again and only their paths to the root are played again; equals are decided by the fixed node order.
 */
export class Ranking {
  readonly layout: Layout;
  /** By slot. */
  scores: Int32Array = new Int32Array(0);
  readonly #nodes: NodeTable;
  readonly #appraisal: Appraisal;
  /** By base + inner place: the slot that won there, or -1. */
  #winners: Int32Array = new Int32Array(0);
  #layoutVersion = -1;
  #cursor = 0;
  #relabelled = 0;

  constructor(nodes: NodeTable, layout: Layout, appraisal: Appraisal) {
    this.#nodes = nodes;
    this.layout = layout;
    this.#appraisal = appraisal;
  }

  /** False until it is settled for the first time. */
  get isBuilt(): boolean {
    return this.#layoutVersion >= 0;
  }

  /** Bytes that its arrays take. */
  get bytes(): number {
    return this.scores.byteLength + this.#winners.byteLength;
  }

  /** Brings the trees up to date. */
  settle(): void {
    const { changes, relabelled } = this.#nodes;
    this.layout.settle();
    // A slot that another node took over may have the same score and another place in the order of equals.
    const isReordered = this.#relabelled !== relabelled.head;
    const turned = this.#appraisal.hasTurned();
    if (turned || this.#layoutVersion !== this.layout.version || !changes.reaches(this.#cursor)) {
      this.#build();
    } else if (this.#cursor !== changes.head) {
      if (this.scores.length < this.#nodes.slots) this.scores = grownInts(this.scores, this.#nodes.capacity, unfit);
      for (let entry = this.#cursor; entry < changes.head; entry += 1) {
        const slot = changes.slotAt(entry);
        if (changes.isLast(entry, slot)) this.#renew(slot, isReordered);
      }
    }
    this.#cursor = changes.head;
    this.#relabelled = relabelled.head;
  }

  /** The best node of the tree below a place of a group, or -1 when it is empty; its score may still be `unfit`. */
  winnerAt(group: number, place: number): number {
    const { bases, leaves, slotAt } = this.layout;
    const at = (bases[group] as number) + place;
    return (place >= (leaves[group] as number) ? slotAt[at] : this.#winners[at]) as number;
  }

  #renew(slot: number, isReordered: boolean): void {
    const score = this.#appraisal.appraise(slot);
    if (score === this.scores[slot] && !isReordered) return;
    this.scores[slot] = score;
    const group = this.layout.groupOf[slot] as number;
    if (group < 0) return;
    const base = this.layout.bases[group] as number;
    const leaves = this.layout.leaves[group] as number;
    const winners = this.#winners;
    for (let place = (this.layout.leafOf[slot] as number) >> 1; place >= 1; place >>= 1) {
      const winner = this.#play(base, leaves, place);
      if (winners[base + place] === winner && winner !== slot) return;
      winners[base + place] = winner;
    }
  }

  #play(base: number, leaves: number, place: number): number {
    const isLowest = place * 2 >= leaves;
    const source = isLowest ? this.layout.slotAt : this.#winners;
    const left = source[base + place * 2] as number;
    const right = source[base + place * 2 + 1] as number;
    if (left < 0) return right;
    if (right < 0) return left;
    const difference = (this.scores[left] as number) - (this.scores[right] as number);
    if (difference !== 0) return difference > 0 ? left : right;
    const { ranks } = this.#nodes.order;
    return (ranks[left] as number) < (ranks[right] as number) ? left : right;
  }

  #build(): void {
    const { layout } = this;
    if (this.scores.length < this.#nodes.capacity) this.scores = new Int32Array(this.#nodes.capacity);
    this.scores.fill(unfit);
    for (let slot = 0; slot < this.#nodes.slots; slot += 1)
      if ((layout.groupOf[slot] as number) >= 0) this.scores[slot] = this.#appraisal.appraise(slot);
    if (this.#winners.length !== layout.treeLength) this.#winners = new Int32Array(layout.treeLength);
    this.#winners.fill(-1);
    for (let group = 0; group < layout.groups; group += 1) {
      const base = layout.bases[group] as number;
      const leaves = layout.leaves[group] as number;
      for (let place = leaves - 1; place >= 1; place -= 1)
        this.#winners[base + place] = this.#play(base, leaves, place);
    }
    this.#layoutVersion = layout.version;
  }
}
