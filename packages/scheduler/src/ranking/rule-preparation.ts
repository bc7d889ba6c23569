import type { NodeFacts } from '../node/node-facts.ts';
import type { NodeTable } from '../node/node-table.ts';
import type { Profile } from '../profile.ts';
import type { DomainScore, RuleContext, TopologyTest } from '../rule/rule.ts';
import type { Counter } from '../topology/counter.ts';
import type { FactsTable, NamedFactsTest } from './facts-table.ts';
import type { Check, PreparedRules, PreparedScore, PreparedTest } from './pod-class.ts';

/** What a node object alone forbids, no preemption can change. */
function factsCheck(test: NamedFactsTest, { facts }: NodeTable): Check {
  return {
    rule: test.rule,
    admits: (slot) => test.admits(facts[slot] as NodeFacts),
    explain: (slot, sink) => sink.add(test.reason(facts[slot] as NodeFacts), 'nothing'),
  };
}

/** Prepares the rules of a profile for a class; `counters` grows with what they acquire. */
export function prepareRules(
  profile: Profile,
  context: RuleContext,
  facts: FactsTable,
  counters: readonly Counter[],
): PreparedRules {
  const checks: Check[] = [];
  const usageTests: PreparedTest[] = [];
  const topologyTests: (PreparedTest & { readonly test: TopologyTest })[] = [];
  const usageScores: PreparedScore[] = [];
  const topologyScores: (PreparedScore & { readonly of: DomainScore })[] = [];
  for (const filter of profile.rules.filters) {
    const rule = filter.name;
    if (filter.scope === 'facts') {
      for (const test of facts.tests) if (test.rule === rule) checks.push(factsCheck(test, context.cluster.nodes));
    } else if (filter.scope === 'usage') {
      const test = filter.prepare(context);
      if (test !== undefined) usageTests.push({ rule, test });
      if (test !== undefined) checks.push({ rule, ...test });
    } else {
      for (const test of filter.prepare(context)) {
        topologyTests.push({ rule, test });
        checks.push({ rule, ...test });
      }
    }
  }
  for (const { rule, weight } of profile.rules.scores) {
    if (rule.scope === 'usage') {
      const of = rule.prepare(context);
      if (of !== undefined) usageScores.push({ rule: rule.name, weight, of });
    } else if (rule.scope === 'topology') {
      for (const of of rule.prepare(context)) topologyScores.push({ rule: rule.name, weight, of });
    }
  }
  const deviceChoice = profile.rules.deviceChoice?.prepare(context);
  return { facts, checks, usageTests, topologyTests, usageScores, topologyScores, counters, deviceChoice };
}
