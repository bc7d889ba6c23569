import type { Plan } from '../consensus/plan.ts';
import { drawPlan } from '../consensus/plan-drawing.ts';
import { runPlan } from '../consensus/run.ts';
import { counted, print } from './output.ts';

/** Runs one seed twice: what happened, and whether both runs left the same trace. Returns the exit code. */
export function runSeed(seed: number, safetyMs: number): number {
  const plan = drawPlan(seed, safetyMs);
  print(`seed ${seed}`);
  describe(plan);
  const first = runPlan(plan);
  print(
    `  ${Math.round(first.simulatedMs / 1000)} s simulated, ${counted(first.events, 'event')}, ${counted(first.operations, 'operation')} of clients`,
  );
  print('situations reached');
  for (const [name, count] of first.probes.all) print(`  ${String(count).padStart(7)}  ${name}`);
  print(`trace ${first.traceHash}`);
  const second = runPlan(plan);
  if (first.traceHash !== second.traceHash) {
    print(`NOT DETERMINISTIC: the second run left trace ${second.traceHash}`);
    return 1;
  }
  if (first.failure === undefined) {
    print('everything held, and the second run left the same trace');
    return 0;
  }
  print(`FAILED after ${Math.round(first.failure.atMs)} ms: ${first.failure.message}`);
  print(`  npm run sim -- --shrink ${seed}`);
  return 1;
}

function describe({ voters, learners, load, network, disk, faults }: Plan): void {
  print(
    `  ${counted(voters, 'voter')}, ${counted(learners, 'learner')}, ${counted(load.clients, 'client')}; delay ${network.delayMs.toFixed(1)} ms, loss ${percent(network.loss)}, duplicates ${percent(network.duplicate)}; writes take ${disk.writeMs.toFixed(1)} ms`,
  );
  const kinds = Map.groupBy(faults, ({ kind }) => kind);
  const parts = [...kinds].map(([kind, all]) => `${kind} ${all.length}`).sort();
  print(`  ${counted(faults.length, 'fault')}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
