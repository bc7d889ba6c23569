import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { anchorsOf, linksOf } from './markdown.ts';
import { readSource, root, sourceFiles } from './source-tree.ts';

const pages = sourceFiles().filter((file) => file.endsWith('.md'));

test.each(pages)('every relative link of %s leads somewhere', (page) => {
  const broken = linksOf(readSource(page))
    .map(({ target }) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => !resolves(page, target));
  expect(broken).toEqual([]);
});

test('every page of the documentation is in its index', () => {
  const listed = new Set(linksOf(readSource('docs/README.md')).map(({ target }) => normalize(join('docs', target))));
  const missing = pages.filter(
    (page) => page.startsWith('docs/') && page !== 'docs/README.md' && !isDecision(page) && !listed.has(page),
  );
  expect(missing).toEqual([]);
});

test('every decision is in the list of decisions, numbered without a gap', () => {
  const decisions = pages.filter(isDecision);
  const listed = linksOf(readSource('docs/decisions/README.md')).map(({ target }) => `docs/decisions/${target}`);
  expect(listed.filter(isDecision)).toEqual(decisions);
  const numbers = decisions.map((page) => Number(page.slice('docs/decisions/'.length).split('-')[0]));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
});

function isDecision(page: string): boolean {
  return /^docs\/decisions\/\d{4}-[a-z0-9-]+\.md$/.test(page);
}

function resolves(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), path));
  if (file.startsWith('..') || !existsSync(root + file)) return false;
  if (anchor === undefined) return true;
  return !statSync(root + file).isDirectory() && anchorsOf(readSource(file)).has(anchor);
}
