import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { boundingSet } from '../src/dev/elevation/capabilities.ts';
import { groupFiles, handOver } from '../src/dev/elevation/elevated-process.ts';
import { type Architecture, elevationProgram } from '../src/dev/elevation/elevation-program.ts';

let folder: string;
let program: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-elevation-'));
  program = join(folder, 'elevate');
  const architecture: Architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  writeFileSync(program, elevationProgram(architecture), { mode: 0o755 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly out: string;
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  execFile(program, args, { env }, (error, out) => resolve({ code: error === null ? 0 : Number(error.code), out }));
  return promise;
}

const errorNumbers = { noPermission: 1, noFile: 2, noNamespace: 22 };

test.each<[Architecture, number, number]>([
  ['amd64', 62, 196],
  ['arm64', 183, 200],
])('for %s it is a static executable of one segment over the whole file', (architecture, machine, size) => {
  const view = new DataView(elevationProgram(architecture).buffer);
  expect(view.byteLength).toBe(size);
  expect([view.getUint32(0), view.getUint16(16, true), view.getUint16(18, true)]).toEqual([0x7f454c46, 2, machine]);
  expect(view.getBigUint64(24, true)).toBe(0x400078n);
  expect([view.getBigUint64(32, true), view.getUint16(54, true), view.getUint16(56, true)]).toEqual([64n, 56, 1]);
  expect([view.getBigUint64(96, true), view.getBigUint64(104, true)]).toEqual([BigInt(size), BigInt(size)]);
});

test('it becomes the program that it is given, with arguments and environment, where it may change namespaces', async () => {
  const ended = await run(['/proc/self/ns/mnt', '/bin/sh', '-c', 'echo "$0 $1 $WORD"', 'zero', 'one'], {
    WORD: 'kept',
  });
  const isRoot = process.geteuid?.() === 0;
  expect(ended).toEqual(isRoot ? { code: 0, out: 'zero one kept\n' } : { code: errorNumbers.noPermission, out: '' });
});

test('its exit code is the error of the call that failed', async () => {
  expect(await run(['/nowhere/mnt', '/bin/true'])).toMatchObject({ code: errorNumbers.noFile });
  expect(await run(['/dev/null', '/bin/true'])).toMatchObject({ code: errorNumbers.noNamespace });
});

test('the capabilities of root are read from the kernel, in its order', () => {
  const all = boundingSet('Name:\tinit\nCapBnd:\t000001ffffffffff\n');
  expect([all.length, all[0], all[12], all[21], all.at(-1)]).toEqual([
    38,
    'CHOWN',
    'NET_ADMIN',
    'SYS_ADMIN',
    'AUDIT_READ',
  ]);
  expect(boundingSet('CapBnd:\t000001fffeffffff\n')).toEqual(all.filter((name) => name !== 'SYS_RESOURCE'));
  expect(boundingSet('CapBnd:\t0000000000000000\n')).toEqual([]);
  expect(() => boundingSet('Name:\tinit\n')).toThrow('CapBnd');
});

test('control groups are found in either version of the interface, and in the mixed one', () => {
  const root = join(folder, 'cgroup');
  mkdirSync(root);
  expect(groupFiles('0::/user.slice/user-1000.slice/session-3.scope\n', root)).toEqual([
    `${root}/user.slice/user-1000.slice/session-3.scope/cgroup.procs`,
  ]);
  mkdirSync(join(root, 'unified'));
  expect(groupFiles('9:name=systemd:/a\n2:cpu,cpuacct:/b:c\n0::/\n', root)).toEqual([
    `${root}/systemd/a/cgroup.procs`,
    `${root}/cpu,cpuacct/b:c/cgroup.procs`,
    `${root}/unified/cgroup.procs`,
  ]);
});

test('the user gets what he reads, and not what servers and nodes keep', () => {
  const dev = join(folder, 'dev');
  mkdirSync(join(dev, 'logs'), { recursive: true });
  mkdirSync(join(dev, 'data/server-1'), { recursive: true });
  for (const file of ['kubeconfig', 'logs/server-1.log', 'data/server-1/ca.key']) writeFileSync(join(dev, file), '');
  const isRoot = process.geteuid?.() === 0;
  const [uid, gid] = isRoot ? [4242, 4243] : [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  const dataOwner = statSync(join(dev, 'data')).uid;
  handOver({ uid, gid, callerPid: process.pid, folder }, dev);
  for (const path of ['', 'kubeconfig', 'logs', 'logs/server-1.log']) {
    const { gid: group, uid: user } = statSync(join(dev, path));
    expect([path, user, group]).toEqual([path, uid, gid]);
  }
  for (const path of ['data', 'data/server-1', 'data/server-1/ca.key']) {
    expect(statSync(join(dev, path)).uid).toBe(dataOwner);
  }
  handOver({ uid, gid, callerPid: process.pid, folder }, join(folder, 'gone'));
  expect(existsSync(join(folder, 'gone'))).toBe(false);
});
