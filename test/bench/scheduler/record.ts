import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from './benchmark.ts';
import { cellsOf, header } from './report.ts';

const page = join(import.meta.dirname, '../../../docs/benchmarks.md');
const begin = '<!-- measured: written by npm run bench:scheduler -->';
const end = '<!-- end of what was measured -->';

/** When and under which conditions rows were measured. */
export interface Circumstances {
  /** Day and minute, UTC. */
  readonly at: string;
  /** Processes that wanted a processor, mean of the last minute, before and after. */
  readonly load: string;
}

/** Puts results into the page, row by row: rows that were not measured now keep what was measured last. */
export function recordResults(results: readonly Result[], order: readonly string[], { at, load }: Circumstances): void {
  const text = readFileSync(page, 'utf8');
  const [before = '', rest = ''] = text.split(begin);
  const [table = '', after = ''] = rest.split(end);
  const rows = new Map<string, readonly string[]>();
  for (const line of table.trim().split('\n').slice(2)) {
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (cells[0] !== undefined && order.includes(cells[0])) rows.set(cells[0], cells);
  }
  for (const result of results) rows.set(result.benchmark.id, [...cellsOf(result), `${at}, load ${load}`]);
  const sorted = [...rows].sort(([left], [right]) => order.indexOf(left) - order.indexOf(right));
  const lines = [[...header, 'measured'], [...header, ''].map(() => '-'), ...sorted.map(([, cells]) => cells)];
  const written = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  writeFileSync(page, `${before}${begin}\n\n${written}\n\n${end}${after}`);
}
