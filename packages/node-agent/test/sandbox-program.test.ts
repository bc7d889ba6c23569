import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { hostNetworkArguments, sandboxProgram } from '../src/sandbox/sandbox-program.ts';

// Processes and sockets take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let program: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-sandbox-'));
  program = join(folder, 'sandbox');
  writeFileSync(program, sandboxProgram(process.arch === 'arm64' ? 'arm64' : 'amd64'));
  chmodSync(program, 0o755);
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function start(args: readonly string[]): ChildProcess {
  const child = spawn(program, args, { stdio: 'ignore' });
  children.push(child);
  return child;
}

const own = readlinkSync('/proc/self/ns/net');

/** Waits until the program sleeps without rights: giving them up is the last thing it does before it waits. */
async function waiting(child: ChildProcess): Promise<string> {
  for (;;) {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    if (/^State:\s+S/m.test(status) && /^CapPrm:\s+0+$/m.test(status)) return status;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('it makes a network of its own, gives up its rights, and ends when asked', async () => {
  const child = start([]);
  const status = await waiting(child);
  expect(readlinkSync(`/proc/${child.pid}/ns/net`)).not.toBe(own);
  expect(status).toMatch(/^CapEff:\s+0000000000000000$/m);
  expect(status).toMatch(/^CapPrm:\s+0000000000000000$/m);
  // SIGCHLD is ignored: orphans of a shared process namespace are reaped by the kernel.
  expect(Number.parseInt(/^SigIgn:\s+(\w+)$/m.exec(status)?.[1] ?? '', 16) & 0x10000).toBe(0x10000);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('asked to, it keeps the network it was started in', async () => {
  const child = start(hostNetworkArguments);
  await waiting(child);
  expect(readlinkSync(`/proc/${child.pid}/ns/net`)).toBe(own);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test.each([
  { architecture: 'amd64', machine: 62 },
  { architecture: 'arm64', machine: 183 },
] as const)('for $architecture it is a small executable of that kind', ({ architecture, machine }) => {
  const file = Buffer.from(sandboxProgram(architecture));
  expect(file.subarray(0, 4)).toEqual(Buffer.from('\x7fELF'));
  expect(file.readUInt16LE(18)).toBe(machine);
  expect(file.length).toBeLessThan(400);
});
