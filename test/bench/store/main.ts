import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startBerth } from './berth-engine.ts';
import { startEtcdCluster } from './etcd-engine.ts';
import { interruptionRows } from './interruptions.ts';
import { reportPage } from './report.ts';
import { isMet } from './row.ts';
import { steadyRows } from './steady-load.ts';

const page = fileURLToPath(new URL('../../../docs/benchmarks-store.md', import.meta.url));

/** Measures the store beside etcd, about 2 minutes for each pair at the defaults. 1 when a gate of the first release is missed. */
async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'warm-up': { type: 'string', default: '3' },
      run: { type: 'string', default: '10' },
      pairs: { type: 'string', default: '6' },
      kills: { type: 'string', default: '20' },
      /** Where both keep their data: a folder on a real disk. */
      folder: { type: 'string', default: '/var/tmp' },
      output: { type: 'string', default: page },
    },
  });
  const [warmUp, runSeconds, pairs, kills] = [values['warm-up'], values.run, values.pairs, values.kills].map(count) as [
    number,
    number,
    number,
    number,
  ];
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  const etcdVersion = /etcd Version: (\S+)/.exec(execFileSync('etcd', ['--version'], { encoding: 'utf8' }))?.[1] ?? '?';
  const loadBefore = loadavg()[0] ?? 0;
  const folder = await mkdtemp(join(values.folder, 'berth-bench-'));
  try {
    await using berth = await startBerth(join(folder, 'berth'));
    await using etcd = await startEtcdCluster(join(folder, 'etcd'));
    tell('both clusters run');
    const durations = { warmUpMs: warmUp * 1000, runMs: runSeconds * 1000, pairs };
    const steady = await steadyRows({ berth, etcd }, durations, tell);
    const rows = [...steady, ...(await interruptionRows({ berth, etcd }, kills, tell))];
    const report = reportPage(rows, {
      command: ['npm run bench:store', ...(args.length === 0 ? [] : ['--', ...args])].join(' '),
      date: new Date().toISOString().slice(0, 10),
      durations: `${pairs} pairs of ${runSeconds} s after ${warmUp} s of warm-up, ${kills} kills`,
      etcdVersion,
      loads: [loadBefore, loadavg()[0] ?? 0],
    });
    await writeFile(values.output, report);
    process.stdout.write(report);
    const missed = rows.filter((row) => !isMet(row));
    tell(missed.length === 0 ? 'every gate is met' : `missed: ${missed.map(({ what }) => what).join('; ')}`);
    return missed.length === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new RangeError(`expected a whole number >= 1, got "${text}"`);
  return number;
}

process.exitCode = await main(process.argv.slice(2));
