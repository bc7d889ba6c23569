import { expect, test } from 'vitest';
import { SessionTable } from '../../src/state/session-table.ts';

const result = { outcome: 'succeeded', revision: 7 } as const;

test('a command is new once, and answered like the first time afterwards', () => {
  const table = new SessionTable();
  table.open(10);
  expect(table.lookup(10, 1)).toEqual({ kind: 'new' });
  table.record(10, 1, 11, result);
  expect(table.lookup(10, 1)).toEqual({ kind: 'repeated', result });
});

test('what was acknowledged is forgotten, and never done again', () => {
  const table = new SessionTable();
  table.open(10);
  table.record(10, 1, 11, result);
  table.record(10, 3, 12, result);
  table.acknowledge(10, 3);
  expect(table.lookup(10, 1)).toEqual({ kind: 'forgotten' });
  expect(table.lookup(10, 2)).toEqual({ kind: 'forgotten' });
  expect(table.lookup(10, 3)).toEqual({ kind: 'repeated', result });
});

test('a session that nobody opened, or that was evicted, is expired', () => {
  const table = new SessionTable();
  expect(table.lookup(10, 1)).toEqual({ kind: 'expired' });
  for (let index = 1; index <= 256; index++) table.open(index);
  table.record(1, 1, 300, result);
  table.open(301);
  expect(table.lookup(1, 1)).toEqual({ kind: 'repeated', result });
  expect(table.lookup(2, 1)).toEqual({ kind: 'expired' });
  expect(table.size).toBe(256);
});

test('the table comes back from its records', () => {
  const table = new SessionTable();
  table.open(10);
  table.open(11);
  table.record(10, 5, 20, { outcome: 'fenced', revision: 3 });
  table.acknowledge(10, 4);
  const copy = new SessionTable();
  for (const [id, record] of table.takeChanges()) if (record !== undefined) copy.restore(id, record);
  expect(copy.lookup(10, 5)).toEqual({ kind: 'repeated', result: { outcome: 'fenced', revision: 3 } });
  expect(copy.lookup(10, 3)).toEqual({ kind: 'forgotten' });
  expect(copy.lookup(11, 1)).toEqual({ kind: 'new' });
  expect(table.takeChanges()).toEqual([]);
});
