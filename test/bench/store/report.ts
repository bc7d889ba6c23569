import { availableParallelism, cpus } from 'node:os';
import { isMet, median, type Row, ratioOf } from './row.ts';

/** When and how the rows of a part were measured. */
export interface Circumstances {
  readonly command: string;
  readonly date: string;
  readonly extent: string;
  readonly etcdVersion: string;
  /** Processes that wanted a processor, mean of the last minute, before and after; the benchmark's own are part of the latter. */
  readonly loads: readonly [number, number];
  /** Time of a synced write of 4 KiB on the disk of both, before and after. */
  readonly syncsMs: readonly [number, number];
}

const controlSpreadMax = 0.15;

/** What the page says of one part. */
export function partReport(rows: readonly Row[], circumstances: Circumstances): string {
  const { command, date, extent, etcdVersion, loads, syncsMs } = circumstances;
  const processor = cpus()[0]?.model ?? 'unknown processor';
  const engines = `Node ${process.versions.node}, etcd ${etcdVersion}, ${availableParallelism()} x ${processor}`;
  const how = [
    `Measured on ${date} by \`${command}\`: ${extent}. ${engines}; load of the machine ${loads[0].toFixed(1)} before, ${loads[1].toFixed(1)} after; a synced write of 4 KiB took its disk ${syncsMs[0].toFixed(2)} ms before, ${syncsMs[1].toFixed(2)} ms after.`,
    controlSentence(rows),
  ];
  return `${how.filter((sentence) => sentence !== '').join('\n')}\n\n${reportTable(rows)}`;
}

/** An engine compared with itself: what varies there is the machine. */
function controlSentence(rows: readonly Row[]): string {
  const spreads = rows.flatMap((row) =>
    row.kind === 'comparison' && row.better === 'higher' && row.pairs.length > 1
      ? [spreadOf(row.pairs.map(({ etcd }) => etcd))]
      : [],
  );
  if (spreads.length === 0) return '';
  const spread = median(spreads);
  const figures = `From run to run etcd's own throughput varied by ${(spread * 100).toFixed(0)} % (the median of its rows)`;
  if (spread <= controlSpreadMax) return `${figures}: the machine was quiet enough for these figures.`;
  return `${figures}. Above ${controlSpreadMax * 100} % the machine is too busy with other things for a claim: these ratios are a hint, not more.`;
}

function spreadOf(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / median(values);
}

export function reportTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => {
    const sign = row.better === 'lower' ? '<=' : '>=';
    const [gate, target] = [row.gate, row.target].map((bound) => `${sign} ${bound.toLocaleString('en')}`);
    return [row.what, ...figures(row), gate ?? '', isMet(row) ? 'met' : 'MISSED', target ?? ''];
  });
  return markdownTable([['quantity', 'Berth', 'etcd', 'ratio', 'gate', '', 'target'], ...cells]);
}

/** The cells `Berth`, `etcd` and `ratio`. */
function figures(row: Row): string[] {
  if (row.kind === 'own') {
    const shown = (values: readonly number[]): string =>
      values.length === 0 ? '' : withRange(values, (value) => figure(value, row.unit));
    return [shown(row.berth), shown(row.etcd), ''];
  }
  const middle = (side: readonly number[]): string => figure(median(side), row.unit);
  return [
    middle(row.pairs.map(({ berth }) => berth)),
    middle(row.pairs.map(({ etcd }) => etcd)),
    withRange(row.pairs.map(ratioOf), (ratio) => ratio.toFixed(2)),
  ];
}

function withRange(values: readonly number[], shown: (value: number) => string): string {
  const middle = shown(median(values));
  return values.length === 1 ? middle : `${middle} (${shown(Math.min(...values))} to ${shown(Math.max(...values))})`;
}

function figure(value: number, unit: string): string {
  const digits = value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2;
  const number = value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === '/s' || unit === '' ? number + unit : `${number} ${unit}`;
}

function markdownTable([head = [], ...body]: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...body].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
