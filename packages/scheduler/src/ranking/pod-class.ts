import type { Cluster } from '../cluster/cluster.ts';
import type { PodId } from '../pod/pod-table.ts';
import type { Profile } from '../profile.ts';
import type { DomainScore, NodeScore, Subject, TopologyTest, UsageTest } from '../rule/rule.ts';
import type { Refusal } from '../session/session.ts';
import type { Counter } from '../topology/counter.ts';
import type { TopologyKey } from '../topology/topology-key.ts';
import { type FactsTable, unfit } from './facts-table.ts';
import { type Appraisal, Ranking } from './ranking.ts';
import { passes, sumOf, type UsageAppraisal, type WeightedScore } from './usage-appraisal.ts';
import type { Adjustment, WinnerSearch } from './winner-search.ts';

/** One filter prepared for the class, under the name of its rule; in the order of the profile. */
export interface PreparedTest {
  readonly rule: string;
  readonly test: UsageTest;
}

/** Any filter prepared for the class, asked by slot. */
export interface Check extends UsageTest {
  readonly rule: string;
  /** Where the facts table has its answer; 0 for filters that read more than facts. */
  readonly factsBit: number;
}

/** Whether the check lets the node pass; `refusing` is what the facts table of the class says of the node. */
export function isPassed(check: Check, slot: number, refusing: number): boolean {
  return check.factsBit === 0 ? check.admits(slot) : (refusing & check.factsBit) === 0;
}

export interface PreparedScore {
  readonly rule: string;
  readonly weight: number;
  readonly of: NodeScore;
}

/** What the maker of a class prepares from the rules of its profile. */
export interface PreparedRules {
  readonly facts: FactsTable;
  /** All filters that concern the class, in the order of the profile. */
  readonly checks: readonly Check[];
  readonly usageTests: readonly PreparedTest[];
  readonly topologyTests: readonly (PreparedTest & { readonly test: TopologyTest })[];
  readonly usageScores: readonly PreparedScore[];
  readonly topologyScores: readonly (PreparedScore & { readonly of: DomainScore })[];
  readonly counters: readonly Counter[];
  readonly deviceChoice: ((slot: number) => ReadonlyMap<string, number>) | undefined;
}

/** A ranking by facts and usage, and the classes that share it. */
export interface SharedRanking {
  readonly key: string;
  readonly appraisal: UsageAppraisal;
  readonly ranking: Ranking;
  references: number;
}

/** A class whose searches in the shared ranking look at more nodes than this gets a ranking of its own. */
const looksMax = 128;

/**
 * Pods that all rules answer alike, with what is known about the nodes for them. Rules about larger domains are asked once per group
 * of nodes, when a pod is placed; rules about domains that hold one node each adjust what the shared ranking says of a node.
 */
export class PodClass implements Appraisal, Adjustment {
  readonly key: string;
  readonly profile: Profile;
  readonly subject: Subject;
  readonly priority: number;
  readonly rules: PreparedRules;
  readonly shared: SharedRanking;
  /** Pods of this class that fit nowhere as things are, without those that name a node. */
  readonly parked: Set<PodId> = new Set();
  /** Those that name a node. */
  readonly parkedByName: Set<PodId> = new Set();
  /** What its parked pods were told last, and after which change; pods that name a node are told for themselves. */
  refusal: Refusal | undefined;
  refusedAt = -1;
  /** Number of the last decision it took part in. */
  lastUsed = 0;
  /** False once it was given up; its pods then get another one. */
  isLive = true;
  /** Score of the node that `best` answered. */
  bestScore: number = unfit;
  readonly #cluster: Cluster;
  readonly #search: WinnerSearch;
  readonly #nodeTests: readonly TopologyTest[];
  readonly #nodeScores: readonly WeightedScore[];
  readonly #groupTests: readonly UsageTest[];
  readonly #groupScores: readonly WeightedScore[];
  readonly #epochs: Float64Array;
  /** Where adjustments concern too many nodes, or could raise a score. */
  #own: Ranking | undefined;
  /** Entries of `relieved` up to which the class fits nowhere; -1 when that is not known. */
  #hopelessTo = -1;
  /** Whether it was looked for any node that admits the class. */
  #isTried = false;

  constructor(
    cluster: Cluster,
    key: string,
    profile: Profile,
    subject: Subject,
    rules: PreparedRules,
    shared: SharedRanking,
    search: WinnerSearch,
  ) {
    this.key = key;
    this.profile = profile;
    this.subject = subject;
    this.priority = subject.spec.priority;
    this.rules = rules;
    this.shared = shared;
    this.#cluster = cluster;
    this.#search = search;
    const tests = rules.topologyTests.map(({ test }) => test);
    this.#nodeTests = tests.filter((test) => !isAskedPerGroup(test));
    this.#groupTests = tests.filter(isAskedPerGroup);
    this.#epochs = new Float64Array(this.#nodeTests.length).fill(-1);
    this.#nodeScores = rules.topologyScores.filter(({ of }) => of.topologyKey.crowded === 0);
    this.#groupScores = rules.topologyScores.filter(({ of }) => of.topologyKey.crowded > 0);
    const mayRaise = rules.topologyScores.some(({ of }) => of.topologyKey.crowded === 0 && of.isPenalty !== true);
    if (mayRaise) this.#own = new Ranking(cluster.nodes, shared.ranking.layout, this);
  }

  get hasParked(): boolean {
    return this.parked.size > 0 || this.parkedByName.size > 0;
  }

  /** Bytes of what it does not share. */
  get bytes(): number {
    return this.#own?.bytes ?? 0;
  }

  /** The slot of the best node, or -1 when the class fits nowhere. */
  best(): number {
    const best = this.#isStillHopeless() ? -1 : this.#findBest();
    if (best < 0) this.bestScore = unfit;
    const isByNode = this.rules.topologyTests.length === 0;
    this.#hopelessTo = best < 0 && isByNode ? this.#cluster.nodes.relieved.head : -1;
    return best;
  }

  /** Whether the class fits anywhere. Where it fitted nowhere, only nodes that gained something since are looked at. */
  fitsAnywhere(): boolean {
    return this.#hopelessTo < 0 ? this.best() >= 0 : !this.#isStillHopeless();
  }

  /** False also when that is not known. */
  #isStillHopeless(): boolean {
    const { relieved } = this.#cluster.nodes;
    if (this.#hopelessTo < 0 || !relieved.reaches(this.#hopelessTo)) return false;
    for (let entry = this.#hopelessTo; entry < relieved.head; entry += 1) {
      const slot = relieved.slotAt(entry);
      if (relieved.isLast(entry, slot) && this.admits(slot)) return false;
    }
    this.#hopelessTo = relieved.head;
    return true;
  }

  #findBest(): number {
    // Many classes fit nowhere and have one pod: that is found out without a ranking.
    if (!this.#isTried && !this.shared.ranking.isBuilt && this.#own === undefined) {
      this.#isTried = true;
      if (!this.#isAdmitted()) return -1;
    }
    const isAdjusted = this.#nodeTests.length + this.#nodeScores.length > 0;
    if (this.#own !== undefined || !isAdjusted) return this.#bestWinner(this.#own ?? this.shared.ranking);
    this.shared.ranking.settle();
    const best = this.#search.search(this.shared.ranking, this, this.#cluster.nodes.order.ranks);
    this.bestScore = this.#search.bestScore;
    if (this.#search.looks > looksMax) this.#own = new Ranking(this.#cluster.nodes, this.shared.ranking.layout, this);
    return best;
  }

  /** Whether any node admits the class: looks at one after the other until one does. */
  #isAdmitted(): boolean {
    const { slots } = this.#cluster.nodes;
    for (let slot = 0; slot < slots; slot += 1) if (this.admits(slot)) return true;
    return false;
  }

  /** The best of the winners of the groups. */
  #bestWinner(ranking: Ranking): number {
    ranking.settle();
    const { ranks } = this.#cluster.nodes.order;
    const { groups } = ranking.layout;
    let best = -1;
    let bestScore: number = unfit;
    for (let group = 0; group < groups; group += 1) {
      const slot = ranking.winnerAt(group, 1);
      if (slot < 0 || ranking.scores[slot] === unfit) continue;
      const points = this.groupPoints(slot);
      if (points === unfit) continue;
      const score = (ranking.scores[slot] as number) + points;
      const isLater = best >= 0 && (ranks[slot] as number) > (ranks[best] as number);
      if (best >= 0 && (score < bestScore || (score === bestScore && isLater))) continue;
      best = slot;
      bestScore = score;
    }
    this.bestScore = bestScore;
    return best;
  }

  /** The devices that a pod of the class gets on a node, by resource; undefined leaves it to the table. */
  chooseDevices(slot: number): ReadonlyMap<string, number> | undefined {
    return this.rules.deviceChoice?.(slot);
  }

  /** The score of one node by all rules; `unfit` when any of them refuses it. */
  scoreOf(slot: number): number {
    const score = this.appraise(slot);
    const points = score === unfit ? unfit : this.groupPoints(slot);
    return points === unfit ? unfit : score + points;
  }

  /** What each rule gives to the score of a node; rules that give nothing are left out. */
  partsOf(slot: number): readonly { readonly rule: string; readonly points: number }[] {
    const { facts, usageScores, topologyScores } = this.rules;
    const points = new Map<string, number>();
    const add = (rule: string, more: number): void => void points.set(rule, (points.get(rule) ?? 0) + more);
    const node = this.#cluster.nodes.facts[slot];
    if (node !== undefined) for (const { rule, weight, score } of facts.scores) add(rule, weight * score(node));
    for (const { rule, weight, of } of [...usageScores, ...topologyScores]) add(rule, weight * of.score(slot));
    return this.profile.rules.scores
      .map(({ rule }) => ({ rule: rule.name, points: points.get(rule.name) ?? 0 }))
      .filter((part) => part.points !== 0);
  }

  /** Whether the class fits on a node by all rules, as the cluster is at this moment. */
  admits(slot: number): boolean {
    return this.shared.appraisal.admits(slot) && passes(this.#nodeTests, slot) && passes(this.#groupTests, slot);
  }

  appraise(slot: number): number {
    const score = this.shared.appraisal.appraise(slot);
    const points = score === unfit ? unfit : this.nodePoints(slot);
    return points === unfit ? unfit : score + points;
  }

  nodePoints(slot: number): number {
    return passes(this.#nodeTests, slot) ? sumOf(this.#nodeScores, slot) : unfit;
  }

  groupPoints(slot: number): number {
    return passes(this.#groupTests, slot) ? sumOf(this.#groupScores, slot) : unfit;
  }

  hasTurned(): boolean {
    let turned = false;
    for (let at = 0; at < this.#nodeTests.length; at += 1) {
      const epoch = (this.#nodeTests[at] as TopologyTest).epoch();
      if (this.#epochs[at] === epoch) continue;
      this.#epochs[at] = epoch;
      turned = true;
    }
    return turned;
  }
}

/** Answers for domains of one node each are part of the node's own; others are asked for when a pod is placed. */
function isAskedPerGroup({ topologyKey, changesByDecision }: TopologyTest): boolean {
  return topologyKey.crowded > 0 || changesByDecision === true;
}

/** The keys by which the nodes of a class are grouped. */
export function groupingKeys(rules: PreparedRules): readonly TopologyKey[] {
  const keys = new Set<TopologyKey>();
  for (const { test } of rules.topologyTests) if (isAskedPerGroup(test)) keys.add(test.topologyKey);
  for (const { of } of rules.topologyScores) if (of.topologyKey.crowded > 0) keys.add(of.topologyKey);
  return [...keys].sort((left, right) => (left.name < right.name ? -1 : 1));
}
