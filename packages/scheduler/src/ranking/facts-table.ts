import { grownInts } from '../node/growth.ts';
import type { NodeFacts } from '../node/node-facts.ts';
import type { NodeTable } from '../node/node-table.ts';
import type { FactsTest } from '../rule/rule.ts';

/** Less than every score: the node does not fit. */
export const unfit: number = -(2 ** 31);

export interface NamedFactsTest extends FactsTest {
  readonly rule: string;
}

export interface WeightedFactsScore {
  readonly rule: string;
  readonly weight: number;
  score(node: NodeFacts): number;
}

/** The bit of a test of a facts table; 0 for tests beyond the number of bits, which have to be asked themselves. */
export function bitOf(test: number): number {
  return test < 31 ? 1 << test : 0;
}

/**
 * What the rules that read facts alone say of each node: `unfit`, or the sum of their scores. Shared by all classes with
 * the same answers, and worked out again only when the facts of a node change.
 */
export class FactsTable {
  readonly key: string;
  readonly tests: readonly NamedFactsTest[];
  readonly scores: readonly WeightedFactsScore[];
  references = 0;
  readonly #nodes: NodeTable;
  #values: Int32Array = new Int32Array(0);
  /** Bits of the tests that refuse the node. */
  #refusing: Int32Array = new Int32Array(0);
  #versions: Int32Array = new Int32Array(0);

  constructor(nodes: NodeTable, key: string, tests: readonly NamedFactsTest[], scores: readonly WeightedFactsScore[]) {
    this.#nodes = nodes;
    this.key = key;
    this.tests = tests;
    this.scores = scores;
  }

  isUnfit(slot: number): boolean {
    return this.valueOf(slot) === unfit;
  }

  /** The bits (`bitOf`) of all tests that refuse the node. */
  refusing(slot: number): number {
    this.valueOf(slot);
    return this.#refusing[slot] as number;
  }

  valueOf(slot: number): number {
    if (slot >= this.#values.length) {
      this.#values = grownInts(this.#values, this.#nodes.capacity, unfit);
      this.#refusing = grownInts(this.#refusing, this.#nodes.capacity, 0);
      this.#versions = grownInts(this.#versions, this.#nodes.capacity, -1);
    }
    const version = this.#nodes.factsVersion[slot] as number;
    if (this.#versions[slot] === version) return this.#values[slot] as number;
    const value = this.#evaluate(slot, this.#nodes.facts[slot]);
    this.#values[slot] = value;
    this.#versions[slot] = version;
    return value;
  }

  #evaluate(slot: number, facts: NodeFacts | undefined): number {
    if (facts === undefined) return unfit;
    let isFit = true;
    let refusing = 0;
    for (let at = 0; at < this.tests.length; at += 1) {
      if ((this.tests[at] as NamedFactsTest).admits(facts)) continue;
      isFit = false;
      refusing |= bitOf(at);
    }
    this.#refusing[slot] = refusing;
    if (!isFit) return unfit;
    let total = 0;
    for (const { weight, score } of this.scores) total += weight * score(facts);
    return total;
  }
}
