import { drawPlan } from '../consensus/plan-drawing.ts';
import { runPlan } from '../consensus/run.ts';
import { shrinkPlan } from '../consensus/shrinking.ts';
import { print, tell } from './output.ts';

const maxRuns = 600;

/**
 * Makes the plan of a failing seed as simple as it can be while the same invariant breaks. The plan goes to standard output, everything else to standard
 * error. Returns the exit code: 0 when there was something to shrink.
 */
export function runShrink(seed: number, safetyMs: number): number {
  const plan = drawPlan(seed, safetyMs);
  const { failure } = runPlan(plan);
  if (failure === undefined) {
    tell(`seed ${seed} does not fail: there is nothing to shrink`);
    return 2;
  }
  tell(`seed ${seed}, ${plan.faults.length} faults: ${failure.message}`);
  let tried = 0;
  const { plan: shrunk, runs } = shrinkPlan(
    plan,
    (candidate) => {
      if (++tried % 50 === 0) tell(`  ${tried} plans tried`);
      return runPlan(candidate).failure?.invariant === failure.invariant;
    },
    maxRuns,
  );
  tell(`${shrunk.faults.length} faults are left after ${runs} plans: ${runPlan(shrunk).failure?.message}`);
  tell('keep the plan: packages/simulation/test/regressions/<what-was-wrong>.json');
  print(JSON.stringify(shrunk, undefined, 2));
  return 0;
}
