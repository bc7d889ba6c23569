import { expect, test } from 'vitest';
import { readSource, sourceFiles } from './source-tree.ts';

const isGenerated = (file: string): boolean => file.includes('/generated/') || file.includes('/fixtures/');
const files = sourceFiles().filter((file) => !isGenerated(file));
const typescript = files.filter((file) => file.endsWith('.ts') || file.endsWith('.tsx'));
const sources = typescript.filter((file) => /^packages\/[^/]+\/src\//.test(file));

function offenders(among: readonly string[], isBad: (text: string, file: string) => boolean): readonly string[] {
  return among.filter((file) => isBad(readSource(file), file));
}

test('no source file is longer than 400 lines: one concept a file', () => {
  expect(offenders(sources, (text) => text.split('\n').length > 401)).toEqual([]);
});

test('no file is called utils, helpers, common, misc, types or manager', () => {
  expect(
    typescript.filter((file) => /(?:^|\/)(?:utils?|helpers?|common|misc|types|manager)\.tsx?$/.test(file)),
  ).toEqual([]);
});

test('nothing is exported wholesale or by default', () => {
  expect(offenders(sources, (text) => /^export \*(?! as )/m.test(text) || /^export default/m.test(text))).toEqual([]);
});

test('sources print through the logger or the terminal, never through console', () => {
  expect(offenders(sources, (text) => /\bconsole\.(?:log|error|warn|info|debug)\(/.test(text))).toEqual([]);
});

test('no `any` escapes the type checker', () => {
  expect(offenders(sources, (text) => /(?:: any\b|<any>|as any\b|@ts-ignore|@ts-nocheck)/.test(text))).toEqual([]);
});

test('what is left open has an issue number', () => {
  expect(
    offenders(
      typescript,
      (text, file) => !file.endsWith('tidy.test.ts') && /\b(?:TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))/.test(text),
    ),
  ).toEqual([]);
});

test('no test is switched off', () => {
  expect(
    offenders(
      typescript,
      (text, file) =>
        !file.endsWith('tidy.test.ts') && /\b(?:it|test|describe)\.(?:skip|todo|only|skipIf|runIf)\b/.test(text),
    ),
  ).toEqual([]);
});

test('tests wait for states, not for time', () => {
  const tests = typescript.filter((file) => file.endsWith('.test.ts') && !file.endsWith('tidy.test.ts'));
  expect(offenders(tests, (text) => /await (?:sleep|setTimeout)\(\s*\d/.test(text))).toEqual([]);
});

test('no package manager output, lock addresses or build output is committed', () => {
  expect(files.filter((file) => /(?:^|\/)(?:node_modules|dist|out|coverage)\//.test(file))).toEqual([]);
  expect(readSource('package-lock.json')).not.toContain('"resolved": "http');
});
