import { directedPlans } from '../consensus/directed-plans.ts';
import { runPlan } from '../consensus/run.ts';
import { searchSeeds } from '../consensus/seed-search.ts';
import { counted, print, tell } from './output.ts';

/** Runs the directed plans; prints only those that fail. Returns the exit code. */
export function runDirected(): number {
  let failed = 0;
  for (const { title, plan, examine } of directedPlans) {
    const { failure } = runPlan(plan, examine);
    if (failure === undefined) continue;
    failed++;
    print(`FAILED ${title}: ${failure.message}`);
  }
  tell(`${counted(directedPlans.length, 'directed plan')}, ${counted(failed, 'failure')}`);
  return failed === 0 ? 0 : 1;
}

/** Searches in this thread alone, up to the first failure. Returns the exit code. */
export function runSearch(seeds: number, fromSeed: number, safetyMs: number): number {
  const report = searchSeeds({ fromSeed, seeds, safetyMs, stopAtFirst: true, repeatEvery: 0 });
  const hours = (report.simulatedMs / 3_600_000).toFixed(2);
  const [failure] = report.failures;
  if (failure === undefined) {
    print(`nothing in ${counted(report.seeds, 'seed')}, ${hours} h`);
    return 0;
  }
  print(`seed ${failure.seed} after ${hours} h: ${failure.invariant}`);
  return 1;
}
