import { expect, test } from 'vitest';
import { HistoryEras } from '../../src/state/history-eras.ts';

/** Revisions 1 to 40 of 10 bytes, an era for 100 of them. */
function filled(): HistoryEras {
  const eras = new HistoryEras([], 0, 100);
  write(eras, 1, 40);
  return eras;
}

function write(eras: HistoryEras, from: number, to: number): void {
  for (let revision = from; revision <= to; revision++) {
    eras.at(revision);
    eras.add(10);
  }
}

test('an era begins with the record that comes after as many bytes as an era has', () => {
  expect(filled().all.map(({ from }) => from)).toEqual([0, 11, 21, 31]);
  expect(filled().at(41)).toBe(41);
});

test('history is cut at the first era that leaves at most what is wanted', () => {
  expect(filled().keeping(0, 399)).toBe(11);
  expect(filled().keeping(0, 300)).toBe(11);
  expect(filled().keeping(0, 299)).toBe(21);
});

test('it is not cut where too little would be left, or nothing', () => {
  expect(filled().keeping(200, 299)).toBe(21);
  expect(filled().keeping(201, 299)).toBeUndefined();
  expect(filled().keeping(0, 99)).toBeUndefined();
});

test('what is deleted counts no more, the oldest first', () => {
  const eras = filled();
  eras.deleted(130);
  expect(eras.bytes).toBe(270);
  expect(eras.all.map(({ bytes }) => bytes)).toEqual([0, 70, 100, 100]);
  expect(eras.bytesBelow(21)).toBe(70);
  eras.endBelow(21);
  expect(eras.bytes).toBe(200);
  expect(eras.all.map(({ from }) => from)).toEqual([21, 31]);
});

test('where an era ends does not depend on what of it was deleted when', () => {
  const eras = filled();
  eras.deleted(370);
  write(eras, 41, 45);
  eras.deleted(60);
  write(eras, 46, 55);
  expect(eras.all.slice(-2)).toEqual([
    { from: 41, bytes: 70, written: 100 },
    { from: 51, bytes: 50, written: 50 },
  ]);
});

test('the last beginning up to a revision is the revision itself if an era begins there', () => {
  expect([10, 11, 12, 100].map((revision) => filled().beginningUpTo(revision))).toEqual([0, 11, 11, 31]);
});

test('eras go on after a start where they were', () => {
  const before = filled();
  const { all, bytes } = before;
  const after = new HistoryEras(structuredClone(all), bytes, 100);
  for (const eras of [before, after]) write(eras, 41, 75);
  expect(after.all).toEqual(before.all);
});

test('what was written before there were eras, or told wrongly, is one era', () => {
  for (const known of [[], [{ from: 20, bytes: 70, written: 70 }]]) {
    const eras = new HistoryEras(known, 1000, 100);
    expect(eras.bytes).toBe(1000);
    expect(eras.at(50)).toBe(50);
    expect(eras.beginningUpTo(49)).toBe(0);
  }
});
