import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { blocksOf } from './markdown.ts';
import { runnableBlocks } from './runnable-blocks.ts';
import { readSource, root, sourceFiles } from './source-tree.ts';

const alone = runnableBlocks.filter(({ needsCluster }) => !needsCluster);
const stories = Map.groupBy(
  runnableBlocks.filter(({ needsCluster }) => needsCluster),
  ({ page }) => page,
);

test.each(alone)(
  'the commands at $page:$line run',
  async ({ commands }) => {
    await expect(promisify(execFile)('sh', ['-euc', commands], { cwd: root })).resolves.toBeDefined();
  },
  20_000,
);

test.each([...stories])('%s takes down the cluster that it starts', (_page, blocks) => {
  expect(blocks.at(0)?.commands).toMatch(/\b(?:npm run up|dev up)\b/);
  expect(blocks.at(-1)?.commands).toMatch(/\b(?:npm run down|dev down)\b/);
});

test('fences name only languages and words that mean something', () => {
  const known = new Set(['', 'text', 'sh', 'ts', 'json', 'yaml', 'ini', 'runnable', 'cluster']);
  const odd = sourceFiles()
    .filter((file) => file.endsWith('.md'))
    .flatMap((page) =>
      blocksOf(readSource(page)).flatMap(({ language, line, words }) =>
        [language, ...words].filter((word) => !known.has(word)).map((word) => `${page}:${line}: ${word}`),
      ),
    );
  expect(odd).toEqual([]);
});

test('every npm script that a page names exists', () => {
  const { scripts } = JSON.parse(readSource('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
  const missing = sourceFiles()
    .filter((file) => file.endsWith('.md'))
    .flatMap((page) =>
      [...readSource(page).matchAll(/\bnpm run ([a-z][a-z:-]*)/g)].map(([, name = '']) => ({ page, name })),
    )
    .filter(({ name }) => scripts[name] === undefined);
  expect(missing).toEqual([]);
});
