import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Mutant } from './mutant.ts';
import { mutants } from './mutant-table.ts';

const loader = fileURLToPath(new URL('./planting-loader.ts', import.meta.url));
const simulation = fileURLToPath(new URL('../main.ts', import.meta.url));
const scenarios = fileURLToPath(new URL('../../../raft/test/scenario-main.ts', import.meta.url));
const timeLimitMs = 60 * 60_000;

export interface MutantRunOptions {
  /** Ids; undefined for all. */
  readonly only: readonly string[] | undefined;
  /** Simulated hours that the search may take per mutant it is to catch. */
  readonly hours: number;
  readonly print: (line: string) => void;
}

/** What caught a mutant, in words; undefined where nothing did. */
interface Findings {
  readonly script: string | undefined;
  readonly search: string | undefined;
}

const heading = [
  '| #   | planted bug | to be caught by | caught by script | caught by search |',
  '| --- | --- | --- | --- | --- |',
];

/**
 * Plants each bug in turn and lets scripts and search look for it; rows appear in the order of the table. Returns the exit code: 0 when every one is
 * caught in every way it is to be caught.
 */
export async function runMutants({ only, hours, print }: MutantRunOptions): Promise<number> {
  const chosen = mutants.filter(({ id }) => only === undefined || only.includes(id));
  for (const line of heading) print(line);
  const rows = new Map<string, { readonly row: string; readonly caught: boolean }>();
  const queue = [...chosen];
  let printed = 0;
  const work = async (): Promise<void> => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const findings = await examine(mutant, hours);
      rows.set(mutant.id, { row: rowOf(mutant, findings), caught: isCaught(mutant, findings) });
      for (let next = rows.get(chosen[printed]?.id ?? ''); next !== undefined; ) {
        print(next.row);
        next = rows.get(chosen[++printed]?.id ?? '');
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const caught = [...rows.values()].filter((row) => row.caught).length;
  print('');
  print(`${caught} of ${chosen.length} caught`);
  return caught === chosen.length ? 0 : 1;
}

function isCaught({ expected }: Mutant, { script, search }: Findings): boolean {
  if (expected === 'script') return script !== undefined;
  if (expected === 'search') return search !== undefined;
  return script !== undefined && search !== undefined;
}

const expectation: Readonly<Record<Mutant['expected'], string>> = {
  script: 'script',
  search: 'search',
  both: 'script and search',
};

function rowOf({ id, bug, expected }: Mutant, { script, search }: Findings): string {
  return `| ${id} | ${bug} | ${expectation[expected]} | ${script ?? '-'} | ${search ?? '-'} |`;
}

async function examine(mutant: Mutant, hours: number): Promise<Findings> {
  const script = await catchByScript(mutant);
  if (mutant.expected === 'script' && script !== undefined) return { script, search: undefined };
  const { failed, lines } = await run(mutant, simulation, ['--search', String(Math.ceil(hours * 60))]);
  return { script, search: failed ? (lines[0] ?? 'does not start') : undefined };
}

/** The first scenarios that fail; where none does, the first directed plan. */
async function catchByScript(mutant: Mutant): Promise<string | undefined> {
  const told = await run(mutant, scenarios, []);
  if (told.failed)
    return (
      told.lines
        .slice(0, 3)
        .map((name) => `\`${name}\``)
        .join(', ') || 'does not start'
    );
  const directed = await run(mutant, simulation, ['--directed']);
  if (!directed.failed) return undefined;
  return directed.lines[0]?.replace(/^FAILED ([^:]*):.*$/, 'plan "$1"') ?? 'does not start';
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
