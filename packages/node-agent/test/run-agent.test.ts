import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

// Processes and sockets take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-run-agent-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function agent(...args: readonly string[]) {
  return spawnSync(process.execPath, [main, ...args, '--data-dir', folder], { encoding: 'utf8' });
}

test('a mistake on the command line ends with 2 and says where help is', () => {
  expect(agent('--name', 'Not A Name')).toMatchObject({
    status: 2,
    stdout: '',
    stderr:
      'berth agent: --name must be a DNS-1123 subdomain of at most 50 characters, got "Not A Name"\nberth agent --help lists all flags\n',
  });
});

test('what keeps an agent from starting ends with 1 and one sentence', () => {
  const { status, stderr } = agent('--name', 'n1');
  expect(status).toBe(1);
  expect(stderr).toBe(
    'berth agent: node n1 has not joined a cluster yet: give --server and --token (made by `berth token create`)\n',
  );
});
