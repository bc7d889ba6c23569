import { stripVTControlCharacters } from 'node:util';

/** Spaces between columns, as kubectl has them. */
const gap = 3;

/** Lines of a table whose columns align. Cells may carry colours. */
export function formatTable(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = columnWidths(rows);
  return rows.map((row) => formatRow(row, widths));
}

/** Columns of the widest cell in each column. */
export function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => visibleWidth(row[column] ?? ''))),
  );
}

/** A row that comes later than its table keeps the widths of it; a wider cell shifts those behind it. */
export function formatRow(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - visibleWidth(cell)) + gap))
    .join('')
    .trimEnd();
}

function visibleWidth(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
