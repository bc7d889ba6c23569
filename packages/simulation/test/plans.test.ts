import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { directedPlans } from '../src/consensus/directed-plans.ts';
import type { Fault } from '../src/consensus/fault.ts';
import { shrinkPlan } from '../src/consensus/shrinking.ts';
import { drawPlan, type Plan, runPlan } from '../src/index.ts';

const regressions = globSync(join(import.meta.dirname, 'regressions', '*.json')).sort();

test.each(regressions.map((path) => [basename(path, '.json'), path]))(
  'the plan of a bug that was: %s',
  (_name, path) => {
    const plan = JSON.parse(readFileSync(path, 'utf8')) as Plan;
    expect(runPlan(plan).failure).toBeUndefined();
  },
);

test('a seed always draws the same plan, and each family of faults is missing from some', () => {
  expect(drawPlan(42, 60_000)).toEqual(drawPlan(42, 60_000));
  const plans = Array.from({ length: 60 }, (_, seed) => drawPlan(seed, 60_000));
  for (const kind of ['crash', 'partition', 'pause', 'disk-stall', 'rot', 'wipe', 'replace', 'usurp'] as const) {
    const having = plans.filter(({ faults }) => faults.some((fault) => fault.kind === kind)).length;
    expect(having, kind).toBeGreaterThan(10);
    expect(having, kind).toBeLessThan(55);
  }
});

test('a plan that went through JSON runs to the same end', () => {
  const plan = drawPlan(3, 10_000);
  const again = JSON.parse(JSON.stringify(plan)) as Plan;
  expect(runPlan(again).traceHash).toBe(runPlan(plan).traceHash);
});

test('shrinking leaves only what the failure needs', () => {
  const drawn = drawPlan(5, 60_000);
  const needed: Fault = { kind: 'crash', atMs: 59_000, target: 'leader', image: 'lost', downMs: 100 };
  const plan: Plan = { ...drawn, voters: 5, learners: 2, faults: [...drawn.faults, needed] };
  expect(plan.faults.length).toBeGreaterThan(5);
  const fails = (candidate: Plan) => candidate.voters >= 3 && candidate.faults.includes(needed);
  const { plan: shrunk } = shrinkPlan(plan, fails, 1_000);
  expect(shrunk.faults).toEqual([needed]);
  expect(shrunk).toMatchObject({
    voters: 3,
    learners: 0,
    core: {},
    network: { loss: 0, duplicate: 0 },
    load: { clients: 1 },
  });
});

test('an expectation that is not met fails a directed plan by its title', () => {
  const [directed] = directedPlans;
  if (directed === undefined) throw new Error('there are no directed plans');
  const { failure } = runPlan({ ...directed.plan, safetyMs: 1_000 }, () => 'as told');
  expect(failure).toMatchObject({ invariant: 'as directed', message: 'as directed: as told' });
});
