import { expect, test } from 'vitest';
import { readCode, readSource, sourceFiles } from './source-tree.ts';

const isGenerated = (file: string): boolean => file.includes('/generated/') || file.includes('/fixtures/');
const files = sourceFiles().filter((file) => !isGenerated(file));
const typescript = files.filter((file) => file.endsWith('.ts') || file.endsWith('.tsx'));
const sources = typescript.filter((file) => /^packages\/[^/]+\/src\//.test(file));
const texts = files.filter((file) =>
  /\.(?:ts|tsx|mjs|cjs|json|md|proto|sh|yml|yaml|html|txt)$|\/[A-Za-z]+$/.test(file),
);
/** This file names what it forbids. */
const notThis = (file: string): boolean => file !== 'test/house/tidy.test.ts';

function offenders(among: readonly string[], isBad: (text: string) => boolean): readonly string[] {
  return among.filter((file) => isBad(readSource(file)));
}

function offendingCode(among: readonly string[], isBad: (code: string) => boolean): readonly string[] {
  return among.filter((file) => isBad(readCode(file)));
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
  expect(offendingCode(sources, (code) => /^export \*(?! as )/m.test(code) || /^export default/m.test(code))).toEqual(
    [],
  );
});

test('sources print through the logger or the terminal, never through console', () => {
  expect(offendingCode(sources, (code) => /\bconsole\.(?:log|error|warn|info|debug)\(/.test(code))).toEqual([]);
});

test('no `any` escapes the type checker', () => {
  expect(offendingCode(sources, (code) => /: any\b|<any>|\bas any\b/.test(code))).toEqual([]);
  expect(offenders(typescript.filter(notThis), (text) => /@ts-(?:ignore|nocheck)/.test(text))).toEqual([]);
});

test('code is written in forms that Node runs by stripping types', () => {
  const forms = /^\s*(?:export )?(?:const )?(?:enum|namespace) \w|\bconstructor\([^)]*\b(?:private|public|protected) /m;
  expect(offendingCode(typescript.filter(notThis), (code) => forms.test(code))).toEqual([]);
});

test('what is left open has an issue number', () => {
  expect(offenders(typescript.filter(notThis), (text) => /\b(?:TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))/.test(text))).toEqual(
    [],
  );
});

test('no test is switched off', () => {
  expect(
    offenders(typescript.filter(notThis), (text) =>
      /\b(?:it|test|describe)\.(?:skip|todo|only|skipIf|runIf)\b/.test(text),
    ),
  ).toEqual([]);
});

test('tests wait for states, not for time', () => {
  const tests = typescript.filter((file) => file.endsWith('.test.ts')).filter(notThis);
  expect(offenders(tests, (text) => /await (?:sleep|setTimeout)\(\s*\d/.test(text))).toEqual([]);
});

test('no package manager output, lock addresses or build output is committed', () => {
  expect(files.filter((file) => /(?:^|\/)(?:node_modules|dist|out|coverage)\//.test(file))).toEqual([]);
  expect(readSource('package-lock.json')).not.toContain('"resolved": "http');
});

test('no path of somebody’s machine is written down', () => {
  const home = /(?<![\w.$}/-])\/(?:home|Users|root|workspace)\/[a-z]/;
  expect(offenders(texts.filter(notThis), (text) => home.test(text))).toEqual([]);
});

test('no private key and no token is committed', () => {
  const key = /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{60}/;
  const token = /\bberth1\.(?:server|agent)\.[a-z0-9]{10}\.(?!0123456789abcdef)[0-9a-f]{32}\./;
  expect(offenders(texts.filter(notThis), (text) => key.test(text) || token.test(text))).toEqual([]);
});
