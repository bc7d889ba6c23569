import type { NodeScore, UsageTest } from '../rule/rule.ts';
import { type FactsTable, unfit } from './facts-table.ts';
import type { Appraisal } from './ranking.ts';

export interface WeightedScore {
  readonly weight: number;
  readonly of: NodeScore;
}

/** What a node is by its facts and by what runs on it, whatever runs elsewhere: shared by all classes that agree in that. */
export class UsageAppraisal implements Appraisal {
  readonly #facts: FactsTable;
  readonly #tests: readonly UsageTest[];
  readonly #scores: readonly WeightedScore[];

  constructor(facts: FactsTable, tests: readonly UsageTest[], scores: readonly WeightedScore[]) {
    this.#facts = facts;
    this.#tests = tests;
    this.#scores = scores;
  }

  appraise(slot: number): number {
    const score = this.#facts.valueOf(slot);
    if (score === unfit || !passes(this.#tests, slot)) return unfit;
    return score + sumOf(this.#scores, slot);
  }

  admits(slot: number): boolean {
    return !this.#facts.isUnfit(slot) && passes(this.#tests, slot);
  }

  hasTurned(): boolean {
    return false;
  }
}

export function passes(tests: readonly UsageTest[], slot: number): boolean {
  for (let at = 0; at < tests.length; at += 1) if (!(tests[at] as UsageTest).admits(slot)) return false;
  return true;
}

export function sumOf(scores: readonly WeightedScore[], slot: number): number {
  let sum = 0;
  for (let at = 0; at < scores.length; at += 1) {
    const { weight, of } = scores[at] as WeightedScore;
    sum += weight * of.score(slot);
  }
  return sum;
}
