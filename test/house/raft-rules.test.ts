import { expect, test } from 'vitest';
import { tablesOf } from './markdown.ts';
import { readSource, sourceFiles } from './source-tree.ts';

const page = 'docs/raft-rules.md';
const numbers = tablesOf(readSource(page)).flatMap(({ rows }) => rows.map(([number]) => Number(number)));

test('the rules of consensus are numbered without a gap', () => {
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
});

test('every rule that code or a test cites is on the page', () => {
  const files = sourceFiles().filter((file) => /^packages\/(?:raft|store|simulation)\/.*\.(?:ts|txt)$/.test(file));
  const cited = files.flatMap((file) =>
    [...readSource(file).matchAll(/\brules? (\d+(?:(?:, | and )\d+)*)/g)].flatMap(([, list = '']) =>
      [...list.matchAll(/\d+/g)].map(([number]) => ({ file, number: Number(number) })),
    ),
  );
  expect(cited.length).toBeGreaterThan(0);
  expect(cited.filter(({ number }) => !numbers.includes(number))).toEqual([]);
});
