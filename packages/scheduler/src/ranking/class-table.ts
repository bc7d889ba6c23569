import type { Cluster } from '../cluster/cluster.ts';
import type { PodId } from '../pod/pod-table.ts';
import type { Profile } from '../profile.ts';
import type { RuleContext, RuleSettings, Subject } from '../rule/rule.ts';
import type { Counter } from '../topology/counter.ts';
import type { TopologyKey } from '../topology/topology-key.ts';
import { FactsTable, type WeightedFactsScore } from './facts-table.ts';
import { Layout } from './layout.ts';
import { groupingKeys, PodClass, type PreparedRules, type SharedRanking } from './pod-class.ts';
import { Ranking } from './ranking.ts';
import { prepareRules } from './rule-preparation.ts';
import { UsageAppraisal } from './usage-appraisal.ts';
import { WinnerSearch } from './winner-search.ts';

/** Classes give way, the longest unused first, when their rankings take more than this, or when there are too many. */
const rankingBytesMax = 64 * 1024 * 1024;
const classesMax = 8_192;
/** Room is looked for once in so many new classes. */
const roomInterval = 64;

/** All pod classes in use, found by the answers that their rules give. */
export class ClassTable {
  readonly #cluster: Cluster;
  readonly #classes = new Map<string, PodClass>();
  readonly #facts = new Map<string, FactsTable>();
  readonly #layouts = new Map<string, Layout>();
  readonly #rankings = new Map<string, SharedRanking>();
  readonly #search = new WinnerSearch();
  #made = 0;
  /** The shape of the topology for which the classes were made. */
  shape = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  get size(): number {
    return this.#classes.size;
  }

  /** Gives up every class when the topology changed its shape; answers the pods that were parked with them. */
  settle(): readonly PodId[] {
    if (this.shape === this.#cluster.topology.shape) return [];
    this.shape = this.#cluster.topology.shape;
    const parked: PodId[] = [];
    for (const podClass of [...this.#classes.values()]) {
      for (const pod of podClass.parked) parked.push(pod);
      for (const pod of podClass.parkedByName) parked.push(pod);
      this.#drop(podClass);
    }
    return parked;
  }

  classOf(subject: Subject, profile: Profile): PodClass {
    const known = subject.labels.classes.get(subject.spec.id);
    if (known?.isLive === true) return known;
    const settings = this.#settings(profile);
    const key = classKey(subject, profile, settings);
    let podClass = this.#classes.get(key);
    if (podClass === undefined) {
      if (this.#made++ % roomInterval === 0) this.#makeRoom();
      podClass = this.#make(key, subject, profile, settings);
      this.#classes.set(key, podClass);
    }
    subject.labels.classes.set(subject.spec.id, podClass);
    return podClass;
  }

  /** Lets a class be used that is not kept. */
  withProbe<T>(profile: Profile, subject: Subject, use: (podClass: PodClass) => T): T {
    const settings = this.#settings(profile);
    const probe = this.#make('', subject, profile, settings);
    try {
      return use(probe);
    } finally {
      this.#release(probe);
    }
  }

  #settings({ defaultSpread }: Profile): RuleSettings {
    const { namespaces, claims } = this.#cluster;
    return { namespaces, claims, defaultSpread };
  }

  #make(key: string, subject: Subject, profile: Profile, settings: RuleSettings): PodClass {
    const counters: Counter[] = [];
    const acquire = (spec: Counter['spec']): Counter => {
      const counter = this.#cluster.topology.acquire(spec);
      counters.push(counter);
      return counter;
    };
    const context: RuleContext = { cluster: this.#cluster, subject, settings, acquire };
    const rules = prepareRules(profile, context, this.#factsTable(profile, context), counters);
    const shared = this.#ranking(profile, context, rules);
    return new PodClass(this.#cluster, key, profile, subject, rules, shared, this.#search);
  }

  /** One for all classes that agree about nodes by themselves and group them alike. */
  #ranking(profile: Profile, { subject, settings }: RuleContext, rules: PreparedRules): SharedRanking {
    const grouping = groupingKeys(rules);
    const parts: string[] = [rules.facts.key, ...grouping.map(({ name }) => name)];
    for (const filter of profile.rules.filters) if (filter.scope === 'usage') parts.push(filter.key(subject, settings));
    for (const { rule } of profile.rules.scores) if (rule.scope === 'usage') parts.push(rule.key(subject, settings));
    const key = parts.join('\n');
    let shared = this.#rankings.get(key);
    if (shared === undefined) {
      const tests = rules.usageTests.map(({ test }) => test);
      const appraisal = new UsageAppraisal(rules.facts, tests, rules.usageScores);
      const ranking = new Ranking(this.#cluster.nodes, this.#layout(grouping), appraisal);
      shared = { key, appraisal, ranking, references: 0 };
      this.#rankings.set(key, shared);
    }
    shared.references += 1;
    return shared;
  }

  #factsTable(profile: Profile, context: RuleContext): FactsTable {
    const { filters, scores } = profile.rules;
    const parts: string[] = [profile.schedulerName];
    for (const filter of filters)
      if (filter.scope === 'facts') parts.push(filter.key(context.subject, context.settings));
    for (const { rule } of scores) if (rule.scope === 'facts') parts.push(rule.key(context.subject, context.settings));
    const key = parts.join('\n');
    let table = this.#facts.get(key);
    if (table === undefined) {
      const tests = filters.flatMap((filter) => {
        const test = filter.scope === 'facts' ? filter.prepare(context) : undefined;
        return test === undefined ? [] : [{ rule: filter.name, ...test }];
      });
      table = new FactsTable(this.#cluster.nodes, key, tests, factsScores(profile, context));
      this.#facts.set(key, table);
    }
    table.references += 1;
    return table;
  }

  #layout(keys: readonly TopologyKey[]): Layout {
    const name = JSON.stringify(keys.map((key) => key.name));
    let layout = this.#layouts.get(name);
    if (layout === undefined) {
      layout = new Layout(this.#cluster.nodes, keys);
      this.#layouts.set(name, layout);
    }
    return layout;
  }

  #drop(podClass: PodClass): void {
    podClass.isLive = false;
    this.#classes.delete(podClass.key);
    this.#release(podClass);
  }

  #release(podClass: PodClass): void {
    for (const counter of podClass.rules.counters) this.#cluster.topology.release(counter);
    const { facts } = podClass.rules;
    facts.references -= 1;
    if (facts.references === 0) this.#facts.delete(facts.key);
    podClass.shared.references -= 1;
    if (podClass.shared.references === 0) this.#rankings.delete(podClass.shared.key);
  }

  /** Classes with parked pods stay: their pods wait for them. */
  #makeRoom(): void {
    if (!this.#isCrowded(1)) return;
    const idle = [...this.#classes.values()].filter(({ hasParked }) => !hasParked);
    idle.sort((left, right) => left.lastUsed - right.lastUsed);
    for (const [at, podClass] of idle.entries()) {
      if (at % roomInterval === 0 && !this.#isCrowded(0.5)) return;
      this.#drop(podClass);
    }
  }

  /** Whether more than a part of the room for classes is taken. */
  #isCrowded(part: number): boolean {
    let bytes = 0;
    for (const podClass of this.#classes.values()) bytes += podClass.bytes;
    for (const { ranking } of this.#rankings.values()) bytes += ranking.bytes;
    return bytes > part * rankingBytesMax || this.#classes.size > part * classesMax;
  }
}

/** Pods with equal keys are treated alike by every rule of the profile, in the queue and in preemption. */
function classKey(subject: Subject, profile: Profile, settings: RuleSettings): string {
  const { spec } = subject;
  const parts: string[] = [profile.schedulerName, `${spec.priority} ${spec.preempts}`];
  for (const filter of profile.rules.filters) parts.push(filter.key(subject, settings));
  for (const { rule } of profile.rules.scores) parts.push(rule.key(subject, settings));
  const { deviceChoice } = profile.rules;
  if (deviceChoice !== undefined) parts.push(deviceChoice.key(subject, settings));
  return parts.join('\n\n');
}

function factsScores(profile: Profile, context: RuleContext): readonly WeightedFactsScore[] {
  return profile.rules.scores.flatMap(({ rule, weight }) => {
    const score = rule.scope === 'facts' ? rule.prepare(context) : undefined;
    return score === undefined ? [] : [{ rule: rule.name, weight, score }];
  });
}
