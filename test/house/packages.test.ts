import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { blocksOf } from './markdown.ts';
import { readSource, root, sourceFiles } from './source-tree.ts';

const names = readdirSync(`${root}packages`).sort();
const files = sourceFiles();

interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const packageFile = (name: string): PackageFile =>
  JSON.parse(readSource(`packages/${name}/package.json`)) as PackageFile;

test.each(names)('%s has a README of half a page that says what it may import and what to read first', (name) => {
  const text = readSource(`packages/${name}/README.md`);
  expect(text).toMatch(new RegExp(`^# (?:@berth/)?${name}\\n`));
  expect(text).toMatch(/\bimports?\b/i);
  expect(text).toMatch(/\bread first\b/i);
  expect(text.split('\n').length - codeLines(text)).toBeLessThanOrEqual(50);
});

test.each(names)('%s names in its README only files that exist', (name) => {
  const text = readSource(`packages/${name}/README.md`);
  const named = [...text.matchAll(/`((?:src|test)\/[\w./-]+\.(?:ts|proto|md))`/g)].map(([, file = '']) => file);
  expect(named.filter((file) => !files.includes(`packages/${name}/${file}`))).toEqual([]);
});

test.each(names)('%s has one index that lists its public names', (name) => {
  expect(files).toContain(`packages/${name}/src/index.ts`);
  expect(readSource(`packages/${name}/src/index.ts`)).toMatch(/^export /m);
});

test.each(names)('%s depends on the workspace packages that it imports, and on no others', (name) => {
  const { dependencies = {}, license, private: isPrivate } = packageFile(name);
  const imported = files
    .filter((file) => file.startsWith(`packages/${name}/src/`) && file.endsWith('.ts'))
    .flatMap((file) => [...readSource(file).matchAll(/(?:from|import\()\s*'(@berth\/[^']+)'/g)].map(([, at]) => at));
  const named = Object.keys(dependencies).filter((dependency) => dependency.startsWith('@berth/'));
  expect(named.sort()).toEqual([...new Set(imported)].sort());
  expect({ license, isPrivate }).toEqual({ license: 'Apache-2.0', isPrivate: true });
});

function codeLines(text: string): number {
  return blocksOf(text).reduce((sum, block) => sum + block.text.split('\n').length, 0);
}
