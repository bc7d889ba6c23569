import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Launcher } from '../../../packages/store/test/embedded/process-cluster.ts';
import type { Engine } from './engine.ts';
import type { LoadOutcome, LoadPlan } from './load-plan.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('./load-generator.ts', import.meta.url));

/** Whoever answers clients. */
export type LoadTarget = Pick<Engine, 'leader' | 'endpoints' | 'place'>;

/** Puts load on the leader of an engine from as many generator processes as asked for, and adds up what they saw. */
export async function load(
  engine: LoadTarget,
  plan: Omit<LoadPlan, 'endpoint'>,
  generators: number = plan.clients >= 64 ? 2 : 1,
): Promise<LoadOutcome> {
  const leader = await engine.leader();
  const endpoint = engine.endpoints[leader] as string;
  const launch = engine.place(leader);
  const ratePerSecond = plan.ratePerSecond === undefined ? undefined : plan.ratePerSecond / generators;
  const requestsMax = (plan.requestsMax ?? Number.POSITIVE_INFINITY) / generators;
  const clients = Math.ceil(plan.clients / generators);
  const share: LoadPlan = {
    ...plan,
    endpoint,
    clients,
    ratePerSecond,
    ...(Number.isFinite(requestsMax) ? { requestsMax } : {}),
  };
  const outcomes = await Promise.all(Array.from({ length: generators }, () => generate(share, launch)));
  const sum = (part: (outcome: LoadOutcome) => number): number =>
    outcomes.reduce((total, outcome) => total + part(outcome), 0);
  return {
    requestsPerSecond: sum(({ requestsPerSecond }) => requestsPerSecond),
    // Each generator has many thousand requests of the same kind: the mean of their quantiles is close to that of all.
    p50Ms: sum(({ p50Ms }) => p50Ms) / generators,
    p99Ms: sum(({ p99Ms }) => p99Ms) / generators,
    requests: sum(({ requests }) => requests),
    failures: sum(({ failures }) => failures),
  };
}

async function generate(plan: LoadPlan, launch: Launcher): Promise<LoadOutcome> {
  // It ends with this process, however that ends.
  const generator = ['setpriv', '--pdeathsig', 'KILL', process.execPath, program, 'run', JSON.stringify(plan)];
  const [command, ...args] = launch(generator);
  const { stdout } = await run(command, args);
  return JSON.parse(stdout) as LoadOutcome;
}
