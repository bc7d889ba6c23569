import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { runScenario } from './harness/scenario-file.ts';

const paths = globSync(join(import.meta.dirname, 'scenarios', '*.txt')).sort();
/** Set REWRITE_SCENARIOS=1 to write the traces that came out, and review the difference. */
const rewrite = process.env['REWRITE_SCENARIOS'] === '1';

test.each(paths.map((path) => [basename(path, '.txt'), path]))(
  'scenario %s leaves the expected trace',
  (_name, path) => {
    const source = readFileSync(path, 'utf8');
    const run = runScenario(source);
    if (rewrite) writeFileSync(path, run.text);
    else expect(run.text).toBe(source);
  },
);
