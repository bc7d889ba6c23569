import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { type RuleProof, ruleProofs } from './rule-proofs.ts';

const packages = join(import.meta.dirname, '../..');
const page = join(packages, '../docs/raft-rules.md');
/** Set REWRITE_RULES=1 to write the last column of the page anew, and review the difference. */
const rewrite = process.env['REWRITE_RULES'] === '1';
const scenarios = globSync('scenarios/*.txt', { cwd: import.meta.dirname }).map((path) => basename(path, '.txt'));
const simulation = globSync('simulation/src/**/*.ts', { cwd: packages }).map(readBelowPackages).join('\n');

function readBelowPackages(file: string): string {
  return readFileSync(join(packages, file), 'utf8');
}

test('all 70 rules have a proof', () => {
  expect(Object.keys(ruleProofs).map(Number)).toEqual(Array.from({ length: 70 }, (_, i) => i + 1));
  for (const proof of Object.values(ruleProofs)) expect(Object.values(proof).flat().length).toBeGreaterThan(0);
});

test.each(Object.entries(ruleProofs))('rule %s is tested where the table says', (_number, proof) => {
  for (const name of proof.scenarios ?? []) expect(scenarios).toContain(name);
  for (const [file, title] of proof.tests ?? []) expect(readBelowPackages(file)).toContain(title);
  for (const title of proof.plans ?? []) expect(simulation).toContain(`title: '${title}'`);
  for (const invariant of proof.search ?? []) expect(simulation).toContain(`'${invariant}'`);
});

test('every scenario stands for a rule, or says what else it is about', () => {
  const cited = Object.values(ruleProofs).flatMap((proof) => proof.scenarios ?? []);
  expect(scenarios.filter((name) => !cited.includes(name)).sort()).toEqual([
    'commit-notices',
    'connection-lost',
    'preferred-leader',
    'stalls',
  ]);
});

test('the page of the rules says where each is tested', () => {
  const text = readFileSync(page, 'utf8');
  const written = withProofs(text);
  if (rewrite) writeFileSync(page, written);
  else expect(text).toBe(written);
});

/** The page with every table's last column written from the proofs. */
function withProofs(text: string): string {
  return text
    .split('\n\n')
    .map((part) => (part.startsWith('| #') ? table(part.split('\n').slice(2)) : part))
    .join('\n\n');
}

function table(rows: readonly string[]): string {
  const end = rows.at(-1) === '' ? '\n' : '';
  const cells = rows
    .filter((row) => row !== '')
    .map((row) => {
      const [number = '', rule = ''] = row
        .split('|')
        .slice(1)
        .map((cell) => cell.trim());
      return [number, rule, proofText(ruleProofs[Number(number)] ?? {})];
    });
  const all = [['#', 'rule', 'tested by'], ...cells];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(all[0] as string[]), rule, ...cells.map(line)].join('\n') + end;
}

function proofText({ scenarios: names = [], tests = [], plans = [], search = [] }: RuleProof): string {
  const parts = [
    names.map((name) => `\`${name}\``).join(', '),
    tests.map(([file]) => `[${basename(file)}](../packages/${file})`).join(', '),
    plans.length > 0 ? 'a directed plan' : '',
    search.length > 0 ? `search: ${search.join(', ')}` : '',
  ];
  return parts.filter((part) => part !== '').join('; ');
}
