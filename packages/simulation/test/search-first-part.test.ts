import { expect, test } from 'vitest';
import { searchSeeds } from '../src/consensus/seed-search.ts';

// The search is in two files so that it runs on two cores; together they simulate more than two hours.
test('an hour of clusters under random faults: everything held, and repeated seeds left the same trace', () => {
  const report = searchSeeds({ fromSeed: 1, seeds: 60, safetyMs: 60_000, stopAtFirst: false, repeatEvery: 12 });
  expect(report.failures).toEqual([]);
  expect(report.simulatedMs).toBeGreaterThan(3_600_000);
}, 180_000);
