import { expect, test } from 'vitest';
import { chooseSurvivor, type MemberInspection, revision, type Survivor } from '../../src/index.ts';

test('the survivor with the latest entry is recommended: its term counts before its index', () => {
  const choice = chooseSurvivor([survivor('long', 3, 900), survivor('late', 4, 20), survivor('early', 4, 10)]);
  expect(choice.recommended).toBe('late');
  expect(choice.ranking.map(({ name }) => name)).toEqual(['late', 'early', 'long']);
  expect(choice.reason).toBe('late holds the latest entry, index 20 of term 4, and nothing of it is damaged');
});

test('one that lost a promise is recommended to nobody', () => {
  const damaged = survivor('damaged', 9, 999, 'quarantined');
  expect(chooseSurvivor([damaged, survivor('whole', 2, 5)]).recommended).toBe('whole');
  const hopeless = chooseSurvivor([damaged]);
  expect(hopeless.recommended).toBeUndefined();
  expect(hopeless.reason).toContain('the log is short');
});

test('members of two clusters are not compared', () => {
  const stranger = { ...survivor('stranger', 1, 1), inspection: { ...survivor('x', 1, 1).inspection, clusterId: 'b' } };
  expect(chooseSurvivor([survivor('own', 1, 1), stranger]).recommended).toBeUndefined();
  expect(chooseSurvivor([]).recommended).toBeUndefined();
});

function survivor(
  name: string,
  lastTerm: number,
  lastIndex: number,
  verdict: MemberInspection['storage']['verdict'] = 'ok',
): Survivor {
  const storage = { verdict, reasons: verdict === 'ok' ? [] : ['the log is short'] };
  const inspection = {
    clusterId: 'a',
    memberId: '1',
    lastTerm,
    lastIndex,
    appliedIndex: 1,
    members: [],
    revision: revision(1),
    storage,
  };
  return { name, inspection };
}
