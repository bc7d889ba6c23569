import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { root, sourceFiles } from './source-tree.ts';

const mains = sourceFiles().filter((file) => /^packages\/[^/]+\/src\/main\.ts$/.test(file));

test.each(mains)('%s starts by type stripping alone and tells how it is used', (file) => {
  const run = spawnSync(process.execPath, [root + file, '--help'], { encoding: 'utf8' });
  expect(run.stderr).toBe('');
  expect(run.stdout).toMatch(/usage/i);
  expect(run.status).toBe(0);
});
