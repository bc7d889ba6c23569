import { execFileSync } from 'node:child_process';
import { getPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const source = fileURLToPath(new URL('../src/raise-priority.ts', import.meta.url));

const program = `
  import { getPriority } from 'node:os';
  import { readFileSync } from 'node:fs';
  import { Worker } from 'node:worker_threads';
  const { raisePriority } = await import(process.argv[1]);
  raisePriority();
  const niceOf = (stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  const worker = new Worker(
    "require('node:worker_threads').parentPort.postMessage(require('node:fs').readFileSync('/proc/thread-self/stat', 'utf8'))",
    { eval: true, execArgv: [] },
  );
  worker.on('message', (stat) => console.log(getPriority(), niceOf(stat)));
`;

test('a process that keeps nodes alive runs before what has normal priority, its threads included, where it may; elsewhere it runs all the same', () => {
  const mayRaise = process.getuid?.() === 0;
  const expected = mayRaise ? -7 : getPriority();
  const shown = execFileSync(process.execPath, ['--input-type=module', '-e', program, source], { encoding: 'utf8' });
  expect(shown.trim()).toBe(`${expected} ${expected}`);
});
