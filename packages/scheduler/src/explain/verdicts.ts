import type { Cluster } from '../cluster/cluster.ts';
import type { Check, PodClass } from '../ranking/pod-class.ts';
import type { ReasonSink } from '../rule/reason.ts';
import { namesNoNode, pinnedElsewhere } from './diagnosis.ts';
import type { NodeVerdict, RuleRefusal, ScorePart } from './explanation.ts';

/** What every node is for a pod, best first, then by what stands in the way; `slots` tells which node each verdict is about. */
export interface Verdicts {
  readonly nodes: readonly NodeVerdict[];
  readonly slots: readonly number[];
}

const noParts: readonly ScorePart[] = [];

interface Fit {
  readonly slot: number;
  readonly score: number;
}

/** Asks every rule about every node. `pin` is the slot of the one node that the pod names, or `namesNoNode`. */
export function judge(cluster: Cluster, podClass: PodClass, pin: number): Verdicts {
  const { checks, facts } = podClass.rules;
  const bits = Int32Array.from(checks, ({ factsBit }) => factsBit);
  const findings = new Findings();
  const fits: Fit[] = [];
  /** Slots and what was found there, by the number of rules that refuse. */
  const refused: Refused[] = Array.from({ length: checks.length + 2 }, () => ({ slots: [], findings: [] }));
  // In the order that decides between equals, which then needs no sorting.
  for (const slot of cluster.nodes.order.slots()) {
    findings.begin();
    if (pin !== namesNoNode && pin !== slot) {
      findings.enter('NodeAffinity');
      findings.add(pinnedElsewhere);
    }
    const refusing = facts.refusing(slot);
    for (let at = 0; at < checks.length; at += 1) {
      const bit = bits[at] as number;
      const check = checks[at] as Check;
      if (bit === 0 ? check.admits(slot) : (refusing & bit) === 0) continue;
      findings.enter(check.rule);
      check.explain(slot, findings);
    }
    if (findings.rules === 0) fits.push({ slot, score: podClass.scoreOf(slot) });
    else {
      const alike = refused[findings.rules] as Refused;
      alike.slots.push(slot);
      alike.findings.push(findings.present);
    }
  }
  fits.sort((left, right) => right.score - left.score);
  return listed(cluster, podClass, fits, refused, findings);
}

interface Refused {
  readonly slots: number[];
  readonly findings: number[];
}

function listed(
  { nodes: table }: Cluster,
  podClass: PodClass,
  fits: readonly Fit[],
  refused: readonly Refused[],
  findings: Findings,
): Verdicts {
  const nodes: NodeVerdict[] = [];
  const slots: number[] = [];
  for (const { slot, score } of fits) {
    nodes.push({ node: table.nameOf(slot), refusals: findings.refusalsOf(0), score, parts: podClass.partsOf(slot) });
    slots.push(slot);
  }
  for (const alike of refused)
    for (let at = 0; at < alike.slots.length; at += 1) {
      const slot = alike.slots[at] as number;
      const refusals = findings.refusalsOf(alike.findings[at] as number);
      nodes.push({ node: table.nameOf(slot), refusals, score: undefined, parts: noParts });
      slots.push(slot);
    }
  return { nodes, slots };
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
