import { expect, test } from 'vitest';
import { directedPlans } from '../src/consensus/directed-plans.ts';
import { runPlan } from '../src/consensus/run.ts';

test.each(directedPlans.map((directed) => [directed.title, directed] as const))(
  '%s',
  (_title, { plan, examine }) => {
    expect(runPlan(plan, examine).failure).toBeUndefined();
  },
  60_000,
);
