import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type * as scheduler from '../../src/index.ts';
import { crowdedHistory, history, replicatedHistory } from '../random-cluster.ts';
import { orderOf, ReferenceScheduler } from '../reference/reference-scheduler.ts';
import { type PlantedFault, plantedFaults } from './planted-faults.ts';

const sources = join(import.meta.dirname, '../../src');
const modules = join(import.meta.dirname, '../../../../node_modules');
const workshop = mkdtempSync(join(tmpdir(), 'berth-faults-'));
symlinkSync(modules, join(workshop, 'node_modules'));
afterAll(() => rmSync(workshop, { recursive: true }));

/** Histories of each kind in a round, and rounds before a fault counts as not found. */
const runs = 200;
const rounds = 20;

async function withFault({ file, right, wrong }: PlantedFault, at: number): Promise<typeof scheduler> {
  const copy = join(workshop, `fault-${at}`);
  cpSync(sources, copy, { recursive: true });
  const text = readFileSync(join(copy, file), 'utf8');
  expect(text.split(right), `${file} has the text to be replaced exactly once`).toHaveLength(2);
  writeFileSync(join(copy, file), text.replace(right, wrong));
  return (await import(/* @vite-ignore */ pathToFileURL(join(copy, 'index.ts')).href)) as typeof scheduler;
}

function isFound({ createSession }: typeof scheduler): boolean {
  const differs = (histories: typeof history, seed: number): boolean => {
    const property = fc.property(histories, (happenings) => {
      const reference = new ReferenceScheduler(createSession({ nodeOrder: orderOf }));
      for (const happening of happenings) reference.happen(happening);
    });
    return fc.check(property, { numRuns: runs, seed, endOnFailure: true }).failed;
  };
  for (let seed = 1; seed <= rounds; seed += 1)
    for (const histories of [crowdedHistory, replicatedHistory, history]) if (differs(histories, seed)) return true;
  return false;
}

test.each(plantedFaults.map((fault, at) => ({ ...fault, at })))('found: $name', { timeout: 60_000 }, async (fault) => {
  expect(isFound(await withFault(fault, fault.at))).toBe(true);
});
