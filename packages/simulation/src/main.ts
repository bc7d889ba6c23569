import { parseArgs } from 'node:util';
import { runHours } from './commands/hours-command.ts';
import { print, tell } from './commands/output.ts';
import { runDirected, runSearch } from './commands/scripted-command.ts';
import { runSeed } from './commands/seed-command.ts';
import { runShrink } from './commands/shrink-command.ts';
import { runMutants } from './mutants/mutant-run.ts';

const usage = `usage: npm run sim -- OPTION
  --seed N          run one seed twice: what happened, and the trace hash that both runs must leave
  --hours H         search on all cores until H hours are simulated (--from N: first seed, default 1)
  --shrink SEED     make a failing seed as simple as it can be; the plan goes to standard output
  --directed        run the directed plans
  --search SEEDS    run so many seeds in one thread, up to the first failure (--from N)

usage: npm run sim:mutants -- [OPTION]
  --only M5,M7      plant these bugs only
  --hours H         simulated hours that the search may take for a bug (default 24)

Exit codes: 0 everything held (all bugs were caught), 1 something failed (a bug was not caught), 2 not understood.`;

/** Length of the safety phase of every drawn plan. */
const safetyMs = 60_000;

class UsageError extends Error {}

/** A program's exit code. */
async function main(): Promise<number> {
  const { values, positionals } = parse();
  const from = wholeNumber('--from', values.from ?? '1');
  const hours = values.hours === undefined ? undefined : positive('--hours', values.hours);
  if (values.help === true) {
    print(usage);
    return 0;
  }
  if (positionals[0] === 'mutants') return runMutants({ only: values.only?.split(','), hours: hours ?? 24, print });
  if (positionals.length > 0) throw new UsageError(`there is no command ${positionals[0]}`);
  if (values.seed !== undefined) return runSeed(wholeNumber('--seed', values.seed), safetyMs);
  if (hours !== undefined) return runHours(hours, from);
  if (values.shrink !== undefined) return runShrink(wholeNumber('--shrink', values.shrink), safetyMs);
  if (values.directed === true) return runDirected();
  if (values.search !== undefined) return runSearch(wholeNumber('--search', values.search), from, safetyMs);
  throw new UsageError('nothing was asked for');
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        seed: { type: 'string' },
        hours: { type: 'string' },
        from: { type: 'string' },
        shrink: { type: 'string' },
        directed: { type: 'boolean' },
        search: { type: 'string' },
        only: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${option} must be a whole number, got "${text}"`);
  return Number(text);
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (!(number > 0 && number <= 1_000_000)) throw new UsageError(`${option} must be a positive number, got "${text}"`);
  return number;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  tell(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
