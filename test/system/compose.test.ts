import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeMachineBase } from '../images/machine-base.ts';
import { attempt, run } from './support/command.ts';
import { Docker } from './support/docker.ts';
import { ask, whoAnswers } from './support/http-answers.ts';
import { Kubectl, kubectlPrograms } from './support/kubectl.ts';
import { expectNoTraces } from './support/lasting-traces.ts';
import { tracesOfBerth } from './support/leftovers.ts';
import { webDeployment } from './support/manifests.ts';
import { ensureTestImages } from './support/test-image.ts';
import { until } from './support/waiting.ts';

const folder = join(tmpdir(), 'berth-compose-test');
const agentsFolder = '/var/lib/berth-compose';
const baseImage = 'berth.test/machine-base:1';
const environment = { BERTH_BASE_IMAGE: baseImage, COMPOSE_PROJECT_NAME: 'berth-compose-test' };
const patienceMs = 90_000;

const compose = (...args: readonly string[]): Promise<string> =>
  run('docker-compose', args, { env: environment, timeoutMs: 170_000 });

const [program] = kubectlPrograms();
const kubeconfig = join(folder, 'kubeconfig');
const kubectl = new Kubectl({ program, kubeconfig, cacheDir: join(folder, 'kubectl-cache') });
let before: readonly string[] = [];

/** As docs/compose.md says. */
async function takeDown(): Promise<void> {
  await compose('stop');
  await compose('run', '--rm', 'cleanup');
  await compose('down', '--volumes');
}

beforeAll(async () => {
  if (existsSync(agentsFolder)) await takeDown();
  before = await tracesOfBerth(agentsFolder);
  mkdirSync(folder, { recursive: true });
  await Promise.all([makeMachineBase(baseImage), ensureTestImages()]);
  await compose('up', '--detach', '--build');
});

afterAll(async () => {
  if (existsSync(agentsFolder)) await takeDown();
  await attempt('docker', ['image', 'rm', '--force', 'berth.dev/berth:local', baseImage]);
  rmSync(folder, { recursive: true, force: true });
});

test('kubectl sees 4 Ready nodes in 2 zones, with the kubeconfig of the documented command', async () => {
  await until({
    what: 'server-1 hands out the kubeconfig of its administrator',
    withinMs: patienceMs,
    look: () =>
      compose(
        'exec',
        '-T',
        'server-1',
        'berth',
        'kubeconfig',
        '--data-dir',
        '/data',
        '--server',
        'https://127.0.0.1:6443',
      ),
    isSo(text) {
      writeFileSync(kubeconfig, text);
      return text.includes('https://127.0.0.1:6443');
    },
  });
  const nodes = await until({
    what: '4 nodes are Ready',
    withinMs: patienceMs,
    look: () => kubectl.run('get', 'nodes', '--no-headers', '-L', 'topology.kubernetes.io/zone'),
    isSo: (table) => table.match(/ Ready /g)?.length === 4,
  });
  const zones = nodes
    .trim()
    .split('\n')
    .map((line) => [line.split(/ +/)[0], line.split(/ +/).at(-1)]);
  expect(zones).toEqual([
    ['node-1', 'dc-1'],
    ['node-2', 'dc-1'],
    ['node-3', 'dc-2'],
    ['node-4', 'dc-2'],
  ]);
});

test('a Deployment runs on all nodes, and answers on a node port of each', async () => {
  await kubectl.apply(webDeployment({ name: 'web', replicas: 4 }));
  await kubectl.run('rollout', 'status', 'deployment', 'web', '--timeout=60s');
  await kubectl.run('expose', 'deployment', 'web', '--type=NodePort', '--port=80', '--target-port=8080');
  const port = (await kubectl.run('get', 'service', 'web', '-o', 'jsonpath={.spec.ports[0].nodePort}')).trim();
  const nodes = (await kubectl.run('get', 'pods', '-o', 'jsonpath={.items[*].spec.nodeName}')).trim().split(' ').sort();
  expect(nodes).toEqual(['node-1', 'node-2', 'node-3', 'node-4']);
  for (const last of [101, 102, 103, 104]) {
    const url = `http://10.90.1.${last}:${port}/`;
    await until({
      what: `${url} answers`,
      withinMs: patienceMs,
      look: () => ask(url),
      isSo: ({ status }) => status === 200,
    });
  }
  expect((await whoAnswers(`http://10.90.1.101:${port}/`, 40)).length).toBe(4);
});

test('with one server stopped changes are still made', async () => {
  await until({
    what: 'the servers that joined are voters',
    withinMs: patienceMs,
    look: () => kubectl.run('get', '--raw', '/berth/v1/servers'),
    isSo: (text) => text.match(/"role":"voter"/g)?.length === 3,
  });
  await compose('stop', 'server-2');
  await until({
    what: 'a change is made with two servers of three',
    withinMs: patienceMs,
    look: () => kubectl.attempt(['create', 'configmap', 'still-there', '--from-literal=answer=yes']),
    isSo: ({ code, stderr }) => code === 0 || stderr.includes('AlreadyExists'),
  });
  await compose('start', 'server-2');
});

test('taken down as documented, it leaves nothing on the machine', async () => {
  await takeDown();
  await expectNoTraces(agentsFolder, before);
  expect(existsSync(agentsFolder)).toBe(false);
  const docker = new Docker();
  const project = `label=com.docker.compose.project=${environment.COMPOSE_PROJECT_NAME}`;
  expect(await docker.run('volume', 'ls', '--quiet', '--filter', project)).toBe('');
  expect(await docker.run('ps', '--all', '--quiet', '--filter', project)).toBe('');
});
