import { expect, test } from 'vitest';
import { promises } from '../system/support/promises.ts';
import { tablesOf } from './markdown.ts';
import { readSource } from './source-tree.ts';

// The times on the page are the gates of the benchmark, no more and no fewer.

const page = 'docs/promises.md';

test('the times on the page of promises are the gates of the benchmark', () => {
  const rows = tablesOf(readSource(page)).flatMap((table) => table.rows);
  const shown = rows.flatMap(([, , , within = '']) =>
    within === '' ? [] : [Number(within.replace(/ s$/, '')) * 1000],
  );
  const gates = Object.values(promises).map(({ gateMs }) => gateMs);
  expect(shown.toSorted((a, b) => a - b)).toEqual(gates.toSorted((a, b) => a - b));
});
