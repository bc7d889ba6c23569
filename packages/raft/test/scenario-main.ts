import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runScenario } from './harness/scenario-file.ts';

// Runs all scenarios without a test framework: `node scenario-main.ts [--write] [NAME ...]`. Prints the names of those that fail; exit code 1 when any does.
const names = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const write = process.argv.includes('--write');
let failed = 0;
for (const path of globSync(join(import.meta.dirname, 'scenarios', '*.txt')).sort()) {
  const name = basename(path, '.txt');
  if (names.length > 0 && !names.includes(name)) continue;
  const run = runScenario(readFileSync(path, 'utf8'));
  if (write) writeFileSync(path, run.text);
  else if (!run.passed) {
    failed++;
    process.stdout.write(`${name}\n${names.length > 0 ? `${run.difference}\n` : ''}`);
  }
}
process.exitCode = failed > 0 ? 1 : 0;
