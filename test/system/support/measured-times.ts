import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { TimePromise } from './promises.ts';

export interface MeasuredTime {
  readonly what: string;
  readonly milliseconds: number;
  readonly gateMs?: number;
}

/** The part of a promise that a measurement needs; a time that nobody promised has no gate. */
export type Measurable = Pick<TimePromise, 'what'> & Partial<TimePromise>;

const ofThisFile: MeasuredTime[] = [];

/** Keeps a time for the table at the end of the run. */
export function record({ what, gateMs }: Measurable, milliseconds: number): void {
  ofThisFile.push({ what, milliseconds, ...(gateMs === undefined ? {} : { gateMs }) });
}

/** Hands the times of this test file on: to the file of the run, or, without one, to the terminal. */
export function reportTimes(runFile: string | undefined): void {
  const times = ofThisFile.splice(0);
  if (times.length === 0) return;
  if (runFile === undefined) process.stdout.write(`\n${timesTable(times)}\n`);
  else appendFileSync(runFile, times.map((time) => `${JSON.stringify(time)}\n`).join(''));
}

export function readTimes(runFile: string): readonly MeasuredTime[] {
  if (!existsSync(runFile)) return [];
  const lines = readFileSync(runFile, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as MeasuredTime);
}

export function timesTable(times: readonly MeasuredTime[]): string {
  const rows = times.map(({ what, milliseconds, gateMs }) => [
    what,
    inSeconds(milliseconds),
    gateMs === undefined ? '' : inSeconds(gateMs),
  ]);
  return aligned([['measured by the system tests', 'took', 'promised (idle machine)'], ...rows]);
}

/** Columns as wide as they must be; the first one flush left, numbers flush right. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('   '),
  );
  return lines.map((line) => line.trimEnd()).join('\n');
}

function inSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
