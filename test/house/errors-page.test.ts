import { statusReasons } from '@berth/api';
import { storeErrors } from '@berth/store';
import { expect, test } from 'vitest';
import { codeOf, type PageTable, tablesOf } from './markdown.ts';
import { readSource } from './source-tree.ts';

const tables = tablesOf(readSource('docs/errors.md'));

function tableUnder(heading: string): PageTable {
  const table = tables.find((each) => each.heading === heading);
  if (table === undefined) throw new Error(`docs/errors.md has no table under "${heading}"`);
  return table;
}

const yesOrNo = (retry: boolean): string => (retry ? 'yes' : 'no');

test('the page lists every reason of a Status with its code, its meaning and whether trying again helps', () => {
  const rows = tableUnder('Reasons of a Status').rows.map(([reason = '', code, meaning, retry]) => [
    codeOf(reason),
    code,
    meaning,
    retry,
  ]);
  const facts = Object.entries(statusReasons).map(([reason, { httpCode, meaning, retry }]) => [
    reason,
    String(httpCode),
    meaning,
    yesOrNo(retry),
  ]);
  expect(rows).toEqual(facts);
});

test('the page lists every refusal of the store with its outcome, its meaning and whether trying again helps', () => {
  const rows = tableUnder('Refusals of the store').rows.map(([code = '', meaning, outcome, retry]) => [
    codeOf(code),
    meaning,
    outcome,
    retry,
  ]);
  const facts = Object.entries(storeErrors).map(([code, { meaning, outcome, retry }]) => [
    code,
    meaning,
    outcome === 'unknown' ? 'unknown' : 'nothing was done',
    yesOrNo(retry),
  ]);
  expect(rows).toEqual(facts);
});

test('every row of the page says what to do', () => {
  const silent = tables.flatMap(({ heading, columns, rows }) => {
    const todo = columns.indexOf('what to do');
    return rows.filter((row) => todo >= 0 && (row[todo] ?? '') === '').map(([name]) => `${heading}: ${name}`);
  });
  expect(silent).toEqual([]);
});

test('what a client is told of a refusal of the store is a reason that the page explains', () => {
  const answers = tableUnder('Refusals of the store').rows.map(([, , , , answer = '']) => codeOf(answer));
  expect(answers.filter((reason) => !(reason in statusReasons))).toEqual([]);
});

test('refusals of a join carry a reason and the code that belongs to it', () => {
  for (const [code, reason = ''] of tableUnder('Refusals of a join or a renewal').rows) {
    const name = codeOf(reason) as keyof typeof statusReasons;
    expect(`${name} ${code}`).toBe(`${name} ${statusReasons[name]?.httpCode}`);
  }
});
