import { type Benchmark, isPassed, type Result, reaches } from './benchmark.ts';

export const header: readonly string[] = ['id', 'what', 'value', 'unit', 'gate', 'goal', 'met', 'note'];

/** The cells of one row of the table. */
export function cellsOf(result: Result): readonly string[] {
  const { benchmark, value, note = '', violations } = result;
  const remarks = violations.length === 0 ? note : `${violations.length} violations: ${violations[0]}; ${note}`;
  const { id, what, unit } = benchmark;
  return [id, what, figure(value), unit, bound(benchmark, 'gate'), bound(benchmark, 'goal'), mark(result), remarks];
}

/** The results as one Markdown table. */
export function table(results: readonly Result[]): string {
  const rows = results.map(cellsOf);
  const widths = header.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function bound(benchmark: Benchmark, kind: 'gate' | 'goal'): string {
  const value = benchmark[kind];
  return value === undefined ? '' : `${benchmark.better === 'higher' ? '>=' : '<='} ${figure(value)}`;
}

function mark(result: Result): string {
  if (!isPassed(result)) return 'FAIL';
  return reaches(result.benchmark, result.value, result.benchmark.goal) ? 'goal' : 'gate';
}

function figure(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return value.toFixed(Math.abs(value) < 1 ? 3 : 2);
}
