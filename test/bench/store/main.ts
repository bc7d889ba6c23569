import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { catchUp } from './catch-up.ts';
import { core } from './core-floors.ts';
import { diskSyncMs } from './disk-sync.ts';
import { elections } from './elections.ts';
import { interruptions } from './interruptions.ts';
import { newMember } from './new-member.ts';
import { type BenchOptions, benchOptions, usage } from './options.ts';
import type { Part } from './part.ts';
import { record } from './record.ts';
import { partReport, reportTable } from './report.ts';
import { isMet, type Row } from './row.ts';
import { slowLinks } from './slow-links.ts';
import { stalls } from './stalls.ts';
import { steady } from './steady-load.ts';

const endSignals = ['SIGINT', 'SIGTERM'] as const;
const parts: readonly Part[] = [steady, interruptions, elections, catchUp, newMember, slowLinks, core, stalls];

/** Exit code of the whole. */
async function main(args: readonly string[]): Promise<number> {
  let options: BenchOptions | undefined;
  try {
    options = benchOptions(args, parts);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage(parts)}`);
    return 2;
  }
  if (options === undefined) {
    process.stdout.write(usage(parts));
    return 0;
  }
  for (const [program, asked] of [
    ['etcd', '--version'],
    ['etcdctl', 'version'],
  ] as const) {
    if (spawnSync(program, [asked]).error === undefined) continue;
    tell(`${program} is not installed (in Debian: etcd-server and etcd-client)`);
    return 2;
  }
  const command = ['npm run bench:store', ...(args.length === 0 ? [] : ['--', ...args])].join(' ');
  const missed: string[] = [];
  for (const part of options.parts) missed.push(...(await measurePart(part, options, command)));
  tell(missed.length === 0 ? 'every gate is met' : `missed: ${missed.join('; ')}`);
  return missed.length === 0 ? 0 : 1;
}

/** Notes what came out at once, so that a part that fails takes nothing along. Answers with what was missed. */
async function measurePart(part: Part, options: BenchOptions, command: string): Promise<string[]> {
  const { extent, output } = options;
  const date = new Date().toISOString().slice(0, 10);
  const loadBefore = loadavg()[0] ?? 0;
  const folder = await mkdtemp(join(options.folder, 'berth-bench-'));
  const interrupted = (): void => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(130);
  };
  for (const signal of endSignals) process.once(signal, interrupted);
  tell(`${part.name}: ${part.about}`);
  try {
    const syncBefore = await diskSyncMs(folder);
    const rows: Row[] = await part.measure({ extent, folder, tell: (line) => tell(`  ${line}`) });
    const loads = [loadBefore, loadavg()[0] ?? 0] as const;
    const syncsMs = [syncBefore, await diskSyncMs(folder)] as const;
    const circumstances = { command, date, extent: part.extent(extent), etcdVersion: versionOfEtcd(), loads, syncsMs };
    record(output, part.name, partReport(rows, circumstances));
    process.stdout.write(`${reportTable(rows)}\n\n`);
    return rows.filter((row) => !isMet(row)).map(({ what }) => what);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    record(output, part.name, `Could not be measured on ${date} by \`${command}\`: ${reason}`);
    tell(`${part.name} could not be measured: ${error instanceof Error ? error.stack : reason}`);
    return [part.name];
  } finally {
    for (const signal of endSignals) process.off(signal, interrupted);
    await rm(folder, { recursive: true, force: true });
  }
}

function versionOfEtcd(): string {
  return /etcd Version: (\S+)/.exec(execFileSync('etcd', ['--version'], { encoding: 'utf8' }))?.[1] ?? 'unknown';
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

process.exitCode = await main(process.argv.slice(2));
