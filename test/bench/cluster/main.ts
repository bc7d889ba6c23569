import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { hostLosses } from './host-losses.ts';
import { localClusterTimes } from './local-cluster-times.ts';
import { isMet, reportTable } from './report.ts';
import { type Repetitions, Series } from './series.ts';

/**
 * Measures the promised times, each several times, on clusters that it starts and takes down; nothing else of Berth may run on the machine.
 * 1 when the slowest of a row misses its gate.
 */
async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { repetitions: { type: 'string', default: '5' }, starts: { type: 'string', default: '3' } },
  });
  const repetitions: Repetitions = { usual: count(values.repetitions), starts: count(values.starts) };
  const load = loadavg()[0] ?? 0;
  const series = new Series((line) => process.stderr.write(`${line}\n`));
  await localClusterTimes(series, repetitions);
  await hostLosses(series, repetitions);
  const missed = series.rows.filter((row) => !isMet(row));
  const processor = cpus()[0]?.model ?? 'unknown processor';
  process.stdout.write(`${reportTable(series.rows)}\n\n`);
  process.stdout.write(
    `${availableParallelism()} x ${processor}, Node ${process.versions.node}, load ${load.toFixed(1)} at the start\n`,
  );
  process.stdout.write(
    missed.length === 0 ? 'every gate is met\n' : `missed: ${missed.map(({ promise }) => promise.what).join('; ')}\n`,
  );
  return missed.length === 0 ? 0 : 1;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--repetitions and --starts take a whole number from 1, got ${text}`);
  return value;
}

process.exitCode = await main(process.argv.slice(2));
