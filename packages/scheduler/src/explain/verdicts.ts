import type { Cluster } from '../cluster/cluster.ts';
import { type Check, isPassed, type PodClass } from '../ranking/pod-class.ts';
import type { ReasonSink } from '../rule/reason.ts';
import { namesNoNode, pinnedElsewhere } from './diagnosis.ts';
import type { NodeVerdict, RuleRefusal, ScorePart } from './explanation.ts';

/** What every node is for a pod, best first, then by what stands in the way; `slots` tells which node each verdict is about. */
export interface Verdicts {
  readonly nodes: readonly NodeVerdict[];
  readonly slots: Int32Array;
}

const noParts: readonly ScorePart[] = [];

/** Asks every rule about every node. `pin` is the slot of the one node that the pod names, or `namesNoNode`. */
export function judge(cluster: Cluster, podClass: PodClass, pin: number): Verdicts {
  const { checks, facts } = podClass.rules;
  // In the order that decides between equals, which then needs no sorting.
  const order = cluster.nodes.order.slots();
  const findings = new Findings();
  const found = new Int32Array(order.length);
  const rules = new Int32Array(order.length);
  for (let at = 0; at < order.length; at += 1) {
    const slot = order[at] as number;
    findings.begin();
    if (pin !== namesNoNode && pin !== slot) {
      findings.enter('NodeAffinity');
      findings.add(pinnedElsewhere);
    }
    const refusing = facts.refusing(slot);
    for (let index = 0; index < checks.length; index += 1) {
      const check = checks[index] as Check;
      if (isPassed(check, slot, refusing)) continue;
      findings.enter(check.rule);
      check.explain(slot, findings);
    }
    found[at] = findings.present;
    rules[at] = findings.rules;
  }
  const places = placesByCount(rules, checks.length + 1);
  const fits = fitsAmong(podClass, order, places, rules);
  const nodes: NodeVerdict[] = fits.map(({ slot, score }) => ({
    node: cluster.nodes.nameOf(slot),
    refusals: findings.refusalsOf(0),
    score,
    parts: podClass.partsOf(slot),
  }));
  const slots = places.map((place) => order[place] as number);
  slots.set(fits.map(({ slot }) => slot));
  for (let at = fits.length; at < places.length; at += 1) {
    const refusals = findings.refusalsOf(found[places[at] as number] as number);
    nodes.push({ node: cluster.nodes.nameOf(slots[at] as number), refusals, score: undefined, parts: noParts });
  }
  return { nodes, slots };
}

/** The places of an array by the numbers that stand there, 0 to `most`; equals stay in their order. */
function placesByCount(numbers: Int32Array, most: number): Int32Array {
  const starts = new Int32Array(most + 2);
  for (const number of numbers) starts[number + 1] = (starts[number + 1] as number) + 1;
  for (let number = 1; number < starts.length; number += 1)
    starts[number] = (starts[number] as number) + (starts[number - 1] as number);
  const places = new Int32Array(numbers.length);
  for (let at = 0; at < numbers.length; at += 1) {
    const number = numbers[at] as number;
    places[starts[number] as number] = at;
    starts[number] = (starts[number] as number) + 1;
  }
  return places;
}

interface Fit {
  readonly slot: number;
  readonly score: number;
}

/** The nodes that no rule refuses, best first; `places` begins with theirs. */
function fitsAmong(podClass: PodClass, order: Int32Array, places: Int32Array, rules: Int32Array): readonly Fit[] {
  const fits: Fit[] = [];
  for (const place of places) {
    if ((rules[place] as number) > 0) break;
    const slot = order[place] as number;
    fits.push({ slot, score: podClass.scoreOf(slot) });
  }
  return fits.sort((left, right) => right.score - left.score);
}

/** A rule that refuses begins with its name, then come its reasons. */
interface Finding {
  readonly before: number;
  readonly rule: string | undefined;
  readonly reason: string;
  readonly nextOfRule: Map<string, number>;
  readonly nextOfReason: Map<string, number>;
  refusals: readonly RuleRefusal[] | undefined;
}

/**
 * What was found about nodes. The same few findings come again and again: each is a path of rules and reasons and has a number, so that
 * words are put together once and not node by node.
 */
class Findings implements ReasonSink {
  /** Number 0: nothing stands in the way. */
  readonly #all: Finding[] = [finding(0, undefined, '')];
  /** Number of what was found about the node so far. */
  present = 0;
  /** Rules that refuse the node. */
  rules = 0;

  begin(): void {
    this.present = 0;
    this.rules = 0;
  }

  enter(rule: string): void {
    this.rules += 1;
    const { nextOfRule } = this.#all[this.present] as Finding;
    this.present = nextOfRule.get(rule) ?? this.#extend(nextOfRule, rule, rule, '');
  }

  add(reason: string): void {
    const { nextOfReason } = this.#all[this.present] as Finding;
    this.present = nextOfReason.get(reason) ?? this.#extend(nextOfReason, reason, undefined, reason);
  }

  /** Shared by all nodes of which the same was found. */
  refusalsOf(number: number): readonly RuleRefusal[] {
    const found = this.#all[number] as Finding;
    found.refusals ??= this.#refusals(number);
    return found.refusals;
  }

  #extend(next: Map<string, number>, word: string, rule: string | undefined, reason: string): number {
    const number = this.#all.length;
    this.#all.push(finding(this.present, rule, reason));
    next.set(word, number);
    return number;
  }

  #refusals(number: number): readonly RuleRefusal[] {
    const refusals: RuleRefusal[] = [];
    let reasons: string[] = [];
    for (let at = number; at > 0; at = (this.#all[at] as Finding).before) {
      const { rule, reason } = this.#all[at] as Finding;
      if (rule === undefined) reasons.push(reason);
      else {
        refusals.push({ rule, reasons: reasons.reverse() });
        reasons = [];
      }
    }
    return refusals.reverse();
  }
}

function finding(before: number, rule: string | undefined, reason: string): Finding {
  return { before, rule, reason, nextOfRule: new Map(), nextOfReason: new Map(), refusals: undefined };
}
