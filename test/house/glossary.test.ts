import { expect, test } from 'vitest';
import { tablesOf } from './markdown.ts';
import { readSource, sourceFiles } from './source-tree.ts';

const page = 'docs/glossary.md';
const rows = tablesOf(readSource(page)).flatMap((table) => table.rows);
const terms = rows.map(([term = '']) => term);

test('the glossary is in order', () => {
  expect(terms).toEqual(terms.toSorted((a, b) => a.localeCompare(b, 'en')));
});

test('no refused synonym is used in the documentation', () => {
  const refused = rows
    .flatMap(([, , synonyms = '']) => synonyms.split(','))
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const pages = sourceFiles().filter((file) => /^(?:[A-Z]+|docs\/.*|packages\/.*)\.md$/.test(file) && file !== page);
  const used = pages.flatMap((file) => {
    // Code may carry the words of others, e.g. the group `system:masters`.
    const prose = readSource(file).replaceAll(/```[\s\S]*?```|`[^`]*`/g, '');
    return refused.filter((word) => new RegExp(`\\b${word}s?\\b`, 'i').test(prose)).map((word) => `${file}: ${word}`);
  });
  expect(used).toEqual([]);
});
