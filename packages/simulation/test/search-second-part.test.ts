import { expect, test } from 'vitest';
import { searchSeeds } from '../src/consensus/seed-search.ts';
import { unknownProbes } from '../src/expected-probes.ts';
import { searchText } from './search-text.ts';

// The search is in two files so that it runs on two cores; together they simulate more than two hours.
test('an hour of clusters under random faults: everything held, and repeated seeds left the same trace', () => {
  const startedAt = performance.now();
  const report = searchSeeds({ fromSeed: 100_001, seeds: 60, safetyMs: 60_000, stopAtFirst: false, repeatEvery: 12 });
  console.info(searchText(report, performance.now() - startedAt));
  expect(report.failures).toEqual([]);
  expect(report.simulatedMs).toBeGreaterThan(3_600_000);
  expect(unknownProbes(report.probes)).toEqual([]);
}, 180_000);
