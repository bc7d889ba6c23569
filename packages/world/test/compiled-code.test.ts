import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const source = fileURLToPath(new URL('../src/compiled-code.ts', import.meta.url));

/** Is killed from outside, since Node makes an orderly end of a SIGKILL to itself, after the timers of its first moment have fired. */
const program = (use: string): string => `
  const { keepCompiledCode } = await import(process.argv[1]);
  ${use};
  const { execFileSync } = await import('node:child_process');
  setTimeout(() => execFileSync('kill', ['-KILL', String(process.pid)]), 50);
`;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-compiled-code-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function kept(use: string, cache = join(folder, 'cache')): number {
  const env = { ...process.env, NODE_COMPILE_CACHE: cache };
  const { signal, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program(use), source], { env });
  expect({ signal, status }).toEqual({ signal: 'SIGKILL', status: null });
  return existsSync(cache)
    ? readdirSync(cache, { recursive: true, withFileTypes: true }).filter((e) => e.isFile()).length
    : 0;
}

test('what a process has compiled is there for the next one, though it was killed', () => {
  expect(kept('keepCompiledCode(0)')).toBeGreaterThan(0);
});

test('a process that does not ask for it leaves nothing when it is killed', () => {
  expect(kept('')).toBe(0);
});

test('no process lives on for it', () => {
  const lasting = `(await import(process.argv[1])).keepCompiledCode(3_600_000)`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', lasting, source], { timeout: 30_000 });
  expect(run.status).toBe(0);
});
