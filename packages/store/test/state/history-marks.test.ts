import { expect, test } from 'vitest';
import { HistoryMarks } from '../../src/state/history-marks.ts';

const kib = 1024;
const mib = 1024 * kib;

test('history is cut where little less than the bytes wanted is left', () => {
  const marks = new HistoryMarks();
  for (let revision = 1; revision <= 1000; revision++) marks.note(revision, 100 * kib);
  const cut = marks.keeping(20 * mib) ?? 0;
  const left = (1001 - cut) * 100 * kib;
  expect(left).toBeLessThanOrEqual(20 * mib);
  expect(left).toBeGreaterThan(20 * mib - 400 * kib);
});

test('what was there before is not told: nothing is cut while the bytes wanted reach further back', () => {
  const marks = new HistoryMarks();
  for (let revision = 500; revision < 600; revision++) marks.note(revision, 100 * kib);
  expect(marks.keeping(20 * mib)).toBeUndefined();
  expect(marks.keeping(100 * 100 * kib)).toBe(500);
});

test('a single large record after the last mark leaves nothing to cut at', () => {
  const marks = new HistoryMarks();
  marks.note(2, 30 * mib);
  expect(marks.keeping(20 * mib)).toBeUndefined();
});

test('what was deleted is not cut again', () => {
  const marks = new HistoryMarks();
  for (let revision = 1; revision <= 100; revision++) marks.note(revision, mib);
  const cut = marks.keeping(60 * mib) ?? 0;
  marks.forgetBelow(cut);
  expect(marks.keeping(60 * mib)).toBe(cut);
  expect(marks.keeping(80 * mib)).toBe(cut);
  marks.note(101, mib);
  expect(marks.keeping(60 * mib)).toBe(cut + 1);
});
