import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Mutant } from './mutant.ts';
import { mutants } from './mutant-table.ts';

const loader = fileURLToPath(new URL('./planting-loader.ts', import.meta.url));
const simulation = fileURLToPath(new URL('../main.ts', import.meta.url));
const scenarios = fileURLToPath(new URL('../../../raft/test/scenario-main.ts', import.meta.url));
const timeLimitMs = 20 * 60_000;

export interface MutantRunOptions {
  /** Ids; undefined for all. */
  readonly only: readonly string[] | undefined;
  /** Simulated hours that the search may take per mutant. */
  readonly hours: number;
  readonly print: (line: string) => void;
}

interface Findings {
  readonly script: string | undefined;
  readonly search: string | undefined;
}

/** Plants each bug in turn and lets scripts and search look for it. Returns the exit code: 0 when every one is caught by something. */
export async function runMutants({ only, hours, print }: MutantRunOptions): Promise<number> {
  const chosen = mutants.filter(({ id }) => only === undefined || only.includes(id));
  print('| # | planted bug | expected | caught by script | caught by search |');
  print('| --- | --- | --- | --- | --- |');
  const queue = [...chosen];
  const findings = new Map<string, Findings>();
  const work = async (): Promise<void> => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      findings.set(mutant.id, await examine(mutant, hours));
      printReady(chosen, findings, print);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const caught = chosen.filter(({ id }) => isCaught(findings.get(id)));
  print(`${caught.length} of ${chosen.length} caught`);
  return caught.length === chosen.length ? 0 : 1;
}

function isCaught(found: Findings | undefined): boolean {
  return found?.script !== undefined || found?.search !== undefined;
}

const printed = new Set<string>();

/** Rows appear in the order of the table, each as soon as all before it are known. */
function printReady(
  chosen: readonly Mutant[],
  findings: ReadonlyMap<string, Findings>,
  print: (line: string) => void,
): void {
  for (const { id, bug, expected } of chosen) {
    const found = findings.get(id);
    if (found === undefined) return;
    if (printed.has(id)) continue;
    printed.add(id);
    print(`| ${id} | ${bug} | ${expected} | ${found.script ?? '-'} | ${found.search ?? '-'} |`);
  }
}

async function examine(mutant: Mutant, hours: number): Promise<Findings> {
  const byScenario = await run(mutant, scenarios, []);
  const byPlan = await run(mutant, simulation, ['--directed']);
  const seeds = Math.ceil(hours * 60);
  const bySearch = await run(mutant, simulation, ['--search', String(seeds)]);
  const scripts = [
    ...byScenario.lines.slice(0, 2),
    ...byPlan.lines.slice(0, 1).map((line) => line.replace(/^FAILED ([^:]*):.*$/, '"$1"')),
  ];
  return {
    script: byScenario.failed || byPlan.failed ? scripts.join(', ') || 'does not start' : undefined,
    search: bySearch.failed ? (bySearch.lines[0] ?? 'does not start') : undefined,
  };
}

/** Runs a test program with the bug planted; it fails when it finds something. */
async function run(
  { id }: Mutant,
  program: string,
  args: readonly string[],
): Promise<{ readonly failed: boolean; readonly lines: readonly string[] }> {
  const child = spawn(process.execPath, ['--import', loader, program, ...args], {
    env: { ...process.env, BERTH_MUTANT: id },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeLimitMs,
  });
  const output: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
  child.stderr.resume();
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once('close', resolve);
  const code = await promise;
  const lines = output
    .join('')
    .split('\n')
    .filter((line) => line !== '');
  if (code === null) throw new Error(`${id}: ${program} took longer than ${timeLimitMs / 60_000} minutes`);
  return { failed: code !== 0, lines };
}
