import { parseArgs } from 'node:util';
import { directedPlans } from './consensus/directed-plans.ts';
import { searchInParallel } from './consensus/parallel-search.ts';
import { drawPlan } from './consensus/plan-drawing.ts';
import { runPlan } from './consensus/run.ts';
import { type SearchReport, searchSeeds } from './consensus/seed-search.ts';
import { shrinkPlan } from './consensus/shrinking.ts';
import { runMutants } from './mutants/mutant-run.ts';

const usage = `usage: npm run sim -- OPTION
  --seed N           run one seed twice: result, trace hash, probes
  --hours H          run seeds until H hours are simulated (--from N: first seed, default 1)
  --shrink SEED      make a failing seed as simple as it can be; prints the plan as JSON
  --directed         run the directed plans
  --search SEEDS     run this many seeds, stop at the first failure (--from N)
  --mutants          plant the 32 bugs one by one and show what catches them (--only M5,M7, --hours H per mutant, default 4)`;

const safetyMs = 60_000;

/** A program's exit code. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      hours: { type: 'string' },
      from: { type: 'string', default: '1' },
      shrink: { type: 'string' },
      directed: { type: 'boolean' },
      search: { type: 'string' },
      mutants: { type: 'boolean' },
      only: { type: 'string' },
    },
  });
  if (values.mutants === true) {
    return runMutants({ only: values.only?.split(','), hours: Number(values.hours ?? 4), print });
  }
  if (values.seed !== undefined) return runSeed(Number(values.seed));
  if (values.hours !== undefined) return runHours(Number(values.hours), Number(values.from));
  if (values.shrink !== undefined) return shrink(Number(values.shrink));
  if (values.directed === true) return runDirected();
  if (values.search !== undefined) return search(Number(values.search), Number(values.from));
  print(usage);
  return 2;
}

function runSeed(seed: number): number {
  print(`seed ${seed}`);
  const plan = drawPlan(seed, safetyMs);
  const first = runPlan(plan);
  const second = runPlan(plan);
  print(`${plan.voters} voters, ${plan.learners} learners, ${plan.load.clients} clients, ${plan.faults.length} faults`);
  print(`${first.events} events, ${first.operations} operations, ${Math.round(first.simulatedMs)} ms simulated`);
  print(`trace ${first.traceHash}`);
  for (const [name, count] of first.probes.all) print(`  ${name} ${count}`);
  if (first.traceHash !== second.traceHash) {
    print(`not deterministic: the second run left trace ${second.traceHash}`);
    return 1;
  }
  if (first.failure === undefined) {
    print('everything held');
    return 0;
  }
  print(`FAILED after ${Math.round(first.failure.atMs)} ms: ${first.failure.message}`);
  return 1;
}

async function runHours(hours: number, fromSeed: number): Promise<number> {
  print(`seeds from ${fromSeed}, ${hours} h`);
  const startedAt = performance.now();
  let toldAt = startedAt;
  const total = await searchInParallel(fromSeed, hours, 10, (soFar) => {
    if (performance.now() - toldAt < 30_000) return;
    toldAt = performance.now();
    print(`  ${summary(soFar, startedAt)}`);
  });
  for (const [name, count] of total.probes.all) print(`  ${name} ${count}`);
  print(summary(total, startedAt));
  for (const { seed, message } of total.failures)
    print(`FAILED seed ${seed}: ${message}\n  npm run sim -- --shrink ${seed}`);
  return total.failures.length === 0 ? 0 : 1;
}

function summary({ seeds, simulatedMs, events, failures }: SearchReport, startedAt: number): string {
  const hours = simulatedMs / 3_600_000;
  const elapsedMs = performance.now() - startedAt;
  const speed = Math.round(simulatedMs / elapsedMs);
  return `${seeds} seeds, ${hours.toFixed(2)} h simulated in ${Math.round(elapsedMs / 1000)} s (${speed} times real time), ${events} events, ${failures.length} failures`;
}

function shrink(seed: number): number {
  const plan = drawPlan(seed, safetyMs);
  const { failure } = runPlan(plan);
  if (failure === undefined) {
    print(`seed ${seed} does not fail`);
    return 2;
  }
  print(`seed ${seed}: ${failure.invariant}, ${plan.faults.length} faults`);
  const shrunk = shrinkPlan(plan, (candidate) => runPlan(candidate).failure?.invariant === failure.invariant, 600);
  print(`${shrunk.plan.faults.length} faults left after ${shrunk.runs} runs: ${runPlan(shrunk.plan).failure?.message}`);
  print(JSON.stringify(shrunk.plan, undefined, 2));
  return 0;
}

function runDirected(): number {
  let failed = 0;
  for (const { title, plan, examine } of directedPlans) {
    const { failure } = runPlan(plan, examine);
    if (failure === undefined) continue;
    failed++;
    print(`FAILED ${title}: ${failure.message}`);
  }
  return failed === 0 ? 0 : 1;
}

function search(seeds: number, fromSeed: number): number {
  const report = searchSeeds({ fromSeed, seeds, safetyMs, stopAtFirst: true, repeatEvery: 0 });
  const hours = (report.simulatedMs / 3_600_000).toFixed(2);
  const [failure] = report.failures;
  if (failure === undefined) {
    print(`nothing in ${report.seeds} seeds, ${hours} h`);
    return 0;
  }
  print(`seed ${failure.seed} after ${hours} h: ${failure.invariant}`);
  return 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await main();
