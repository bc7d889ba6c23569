import { stripVTControlCharacters } from 'node:util';

/** Lines of a table whose columns align, three spaces apart as kubectl prints them. Cells may carry colours. */
export function formatTable(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, visibleWidth(cell));
    }
  }
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell.padEnd(cell.length - visibleWidth(cell) + (widths[column] ?? 0) + 3),
      )
      .join('')
      .trimEnd(),
  );
}

function visibleWidth(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
