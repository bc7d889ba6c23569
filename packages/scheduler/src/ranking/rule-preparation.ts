import type { NodeFacts } from '../node/node-facts.ts';
import type { NodeTable } from '../node/node-table.ts';
import type { Profile } from '../profile.ts';
import type { DomainScore, RuleContext, TopologyTest, UsageTest } from '../rule/rule.ts';
import type { Counter } from '../topology/counter.ts';
import { bitOf, type FactsTable, type NamedFactsTest } from './facts-table.ts';
import type { Check, PreparedRules, PreparedScore, PreparedTest } from './pod-class.ts';

/** What a node object alone forbids, no preemption can change. */
function factsCheck(test: NamedFactsTest, { facts }: NodeTable, factsBit: number): Check {
  return {
    rule: test.rule,
    factsBit,
    admits: (slot) => test.admits(facts[slot] as NodeFacts),
    explain: (slot, sink) => sink.add(test.reason(facts[slot] as NodeFacts), 'nothing'),
  };
}

function checkOf(rule: string, test: UsageTest): Check {
  return {
    rule,
    factsBit: 0,
    admits: (slot) => test.admits(slot),
    explain: (slot, sink) => test.explain(slot, sink),
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
      for (const [at, test] of facts.tests.entries())
        if (test.rule === rule) checks.push(factsCheck(test, context.cluster.nodes, bitOf(at)));
    } else if (filter.scope === 'usage') {
      const test = filter.prepare(context);
      if (test !== undefined) usageTests.push({ rule, test });
      if (test !== undefined) checks.push(checkOf(rule, test));
    } else {
      for (const test of filter.prepare(context)) {
        topologyTests.push({ rule, test });
        checks.push(checkOf(rule, test));
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
