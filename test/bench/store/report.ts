import { availableParallelism, cpus } from 'node:os';
import { isMet, median, type Row, ratioOf } from './row.ts';

export interface Circumstances {
  readonly command: string;
  readonly date: string;
  readonly durations: string;
  readonly etcdVersion: string;
  /** Runnable processes at the start and at the end. */
  readonly loads: readonly [number, number];
}

const controlSpreadMax = 0.15;

/** The whole page. */
export function reportPage(rows: readonly Row[], circumstances: Circumstances): string {
  const { command, date, durations, etcdVersion, loads } = circumstances;
  const processor = cpus()[0]?.model ?? 'unknown processor';
  return `# The store beside etcd

Written by \`${command}\` on ${date}; run it again to replace this page. It ends with code 1 when a gate is missed.

Three members of each engine ran on one machine (${availableParallelism()} x ${processor}, Node ${process.versions.node}, etcd ${etcdVersion}), all on one disk, every write synced,
heartbeat 100 ms, election 1,000 ms. The same generator asked both through etcd's gRPC API, at the leader; Berth's members answered it with grpc-js in the thread that
applies, which costs about a tenth of a millisecond of processor time a request. Berth's members spoke mutual TLS with each other, etcd's did not. Each figure was
taken alternately (Berth, etcd, etcd, Berth, ...), ${durations}. Load of the machine: ${loads[0].toFixed(1)} at the start, ${loads[1].toFixed(1)} at the end (the benchmark's own processes are part of the
latter).

${reportTable(rows)}

Ratio is Berth's figure to etcd's: the median of the pairs, and their least and greatest. The gate is that of the first release.

${controlSentence(rows)}
`;
}

/** An engine compared with itself: what varies there is the machine. */
function controlSentence(rows: readonly Row[]): string {
  const spreads = rows
    .filter(({ better }) => better === 'higher')
    .map(({ pairs }) => spreadOf(pairs.map(({ etcd }) => etcd)));
  const spread = median(spreads);
  const figures = `From run to run etcd's own throughput varied by ${(spread * 100).toFixed(0)} % (the median of its rows)`;
  if (spread <= controlSpreadMax) return `${figures}: the machine was quiet enough for these figures.`;
  return `${figures}. Above ${controlSpreadMax * 100} % the machine is too busy with other things for a claim: these ratios are a hint, not more.`;
}

function spreadOf(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / median(values);
}

function reportTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => {
    const ratios = row.pairs.map(ratioOf);
    const [least, greatest] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2));
    const sign = row.better === 'lower' ? '<=' : '>=';
    return [
      row.what,
      figure(median(row.pairs.map(({ berth }) => berth)), row.unit),
      figure(median(row.pairs.map(({ etcd }) => etcd)), row.unit),
      row.pairs.length === 1 ? String(least) : `${median(ratios).toFixed(2)} (${least} to ${greatest})`,
      `${sign} ${row.gate}`,
      isMet(row) ? 'met' : 'MISSED',
      `${sign} ${row.target}`,
    ];
  });
  return markdownTable([['quantity', 'Berth', 'etcd', 'ratio', 'gate', '', 'target'], ...cells]);
}

function figure(value: number, unit: string): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  const number = value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === '/s' || unit === '' ? number + unit : `${number} ${unit}`;
}

function markdownTable([head = [], ...body]: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...body].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
