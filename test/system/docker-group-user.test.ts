import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attempt, type CommandResult, root, run } from './support/command.ts';
import { Docker } from './support/docker.ts';
import { ask } from './support/http-answers.ts';
import { expectNoTraces } from './support/lasting-traces.ts';
import { tracesOfBerth } from './support/leftovers.ts';

const user = 'berth-test-user';
/** World-readable on the way down, which the checkout of a test run need not be. */
const folder = join(tmpdir(), 'berth-docker-group-user');
const home = join(folder, 'home');
const checkout = join(folder, 'checkout');
const devFolder = join(home, 'dev');

let before: readonly string[] = [];
let printed = '';

/** Images that Berth has made, but for those of tests that ran before. */
async function imagesOfBerth(): Promise<readonly string[]> {
  const repositories = ['images', '--format', '{{.Repository}}', '--filter', 'label=berth.dev/image'];
  const names = (await new Docker().run(...repositories)).split('\n').filter((name) => name !== '');
  return names.filter((name) => !name.startsWith('berth.test/'));
}

/** Runs a command in the checkout as a user of the docker group without any other right. */
function asUser(...command: readonly string[]): Promise<CommandResult> {
  const environment = [`HOME=${home}`, `BERTH_DEV_DIR=${devFolder}`, 'NO_COLOR=1', 'PATH=/usr/local/bin:/usr/bin:/bin'];
  const shell = ['sh', '-c', 'cd "$0" && exec "$@"', checkout, ...command];
  return attempt('runuser', ['--user', user, '--', 'env', '--ignore-environment', ...environment, ...shell]);
}

async function succeeding(...command: readonly string[]): Promise<string> {
  const { code, stderr, stdout } = await asUser(...command);
  expect(code, `${command.join(' ')}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

async function removeUser(): Promise<void> {
  await attempt('umount', [checkout]);
  await attempt('userdel', [user]);
  rmSync(folder, { recursive: true, force: true });
}

beforeAll(async () => {
  if (existsSync(join(checkout, 'berth')) && existsSync(devFolder)) await asUser('./berth', 'dev', 'down');
  await removeUser();
  before = await tracesOfBerth(devFolder);
  const dockerGroup = String(statSync('/var/run/docker.sock').gid);
  mkdirSync(checkout, { recursive: true });
  await run('useradd', ['--create-home', '--home-dir', home, '--groups', dockerGroup, user]);
  await run('mount', ['--bind', root, checkout]);
  printed = await succeeding('npm', 'run', 'up', '--silent', '--', '--port', '0');
});

afterAll(async () => {
  if (existsSync(devFolder)) await asUser('./berth', 'dev', 'down');
  await removeUser();
});

test('npm run up gives a user of the docker group a cluster whose demo answers', async () => {
  const url = /open +(http:\S+)$/m.exec(printed)?.[1] ?? '';
  expect((await ask(url)).body).toMatch(/<html/i);
  expect(await succeeding('./berth', 'get', 'nodes')).toMatch(/^(?:node-\d +Ready .*\n){4}/m);
});

test('what he reads is his: kubeconfig, state and logs; what servers and nodes keep is not', async () => {
  const owner = statSync(home).uid;
  for (const path of ['', 'kubeconfig', 'cluster.json', 'logs', 'logs/server-1.log'])
    expect([path, statSync(join(devFolder, path)).uid]).toEqual([path, owner]);
  expect(statSync(join(devFolder, 'data/server-1')).uid).toBe(0);
  expect((await asUser('ls', join(devFolder, 'data/server-1'))).code).not.toBe(0);
});

test('the processes run as root, outside of the container that started them', async () => {
  const hosts = await succeeding('./berth', 'dev', 'status');
  const pids = [...hosts.matchAll(/running \((\d+)\)/g)].map(([, pid = '']) => pid);
  expect(pids).toHaveLength(7);
  for (const pid of pids) {
    expect(statSync(`/proc/${pid}`).uid).toBe(0);
    expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).not.toMatch(/docker/);
  }
  expect(await new Docker().run('ps', '--all', '--format', '{{.Image}}')).not.toMatch(/elevate/);
});

test('he may kill a host and start it again', async () => {
  await succeeding('./berth', 'dev', 'kill', 'server-3');
  expect(await succeeding('./berth', 'dev', 'status')).toMatch(/^server-3 .* down/m);
  await succeeding('./berth', 'dev', 'start', 'server-3');
  expect(await succeeding('./berth', 'dev', 'status')).toMatch(/^server-3 .* running/m);
});

test('a command that fails says so, with its exit code, as it would for root', async () => {
  const { code, stderr, stdout } = await asUser('./berth', 'dev', 'kill', 'node-9');
  expect([code, stdout, stderr]).toEqual([
    1,
    '',
    'berth: no host is called "node-9"; there are server-1, server-2, server-3, node-1, node-2, node-3, node-4\n',
  ]);
});

test('npm run down leaves nothing behind, the image of the helper included', async () => {
  expect(await succeeding('npm', 'run', 'down', '--silent')).toContain('The local cluster is gone.');
  expect(existsSync(devFolder)).toBe(false);
  await expectNoTraces(devFolder, before);
  expect(await imagesOfBerth()).toEqual([]);
});
