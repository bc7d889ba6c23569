import { aligned } from '../../system/support/measured-times.ts';
import type { Row } from './series.ts';

/** "Within" is said of every time, so the slowest counts. */
export function isMet({ promise, times }: Row): boolean {
  return Math.max(...times) <= promise.gateMs;
}

export function reportTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => {
    const { promise, times } = row;
    const figures = [Math.min(...times), median(times), Math.max(...times), promise.gateMs].map(inSeconds);
    return [promise.what, String(times.length), ...figures, isMet(row) ? 'met' : 'MISSED'];
  });
  return aligned([['', 'times', 'min', 'median', 'max', 'gate', ''], ...cells]);
}

function median(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

function inSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
