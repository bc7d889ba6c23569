import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { readTimes, timesTable } from './measured-times.ts';
import { ensureTestImages, removeTestImages } from './test-image.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** File in which every test file leaves the times it has measured. */
    readonly timesFile?: string;
  }
}

let folder: string | undefined;

/** Once before all system tests. */
export async function setup(project: TestProject): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'berth-system-run-'));
  project.provide('timesFile', join(folder, 'times.jsonl'));
  await ensureTestImages();
}

/** Once after all of them: what was measured, in one table. */
export async function teardown(): Promise<void> {
  if (folder === undefined) return;
  const times = readTimes(join(folder, 'times.jsonl'));
  if (times.length > 0) process.stdout.write(`\n${timesTable(times)}\n`);
  rmSync(folder, { recursive: true, force: true });
  await removeTestImages();
}
