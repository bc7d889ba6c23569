import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { suiteWithCluster } from './support/cluster-suite.ts';
import { attempt, run } from './support/command.ts';
import { lifeOf } from './support/docker.ts';
import { webDeployment } from './support/manifests.ts';
import { copyTestImages } from './support/test-image.ts';
import { until } from './support/waiting.ts';

const withinMs = 30_000;
const cluster = suiteWithCluster(async (each) => {
  await each.dev('up', '--isolated', '--dcs', '2', '--nodes', '2', '--port', '0');
  await copyTestImages(['node-1', 'node-2', 'node-3', 'node-4'].map((name) => `/run/berth-dev/${name}/docker.sock`));
});

/** Runs a program within the network of a host. */
const onHost = (name: string, ...command: readonly string[]): Promise<string> =>
  run('ip', ['netns', 'exec', `berth-${name}`, ...command]);

/** Milliseconds that a round trip between two hosts takes, the shortest of five; undefined when nothing comes back. */
async function roundTripMs(from: string, to: string): Promise<number | undefined> {
  const { address } = await cluster.host(to);
  const probe = `const net = require('node:net');
    const once = () => new Promise((resolve) => {
      const begin = performance.now();
      const socket = net.connect(6443, process.argv[1]);
      socket.setTimeout(1500, () => socket.destroy());
      socket.on('connect', () => { resolve(performance.now() - begin); socket.destroy(); });
      socket.on('error', () => resolve(Infinity)).on('close', () => resolve(Infinity));
    });
    (async () => { let best = Infinity; for (let i = 0; i < 5; i++) best = Math.min(best, await once()); console.log(best); })();`;
  const best = Number(await onHost(from, process.execPath, '-e', probe, address));
  return Number.isFinite(best) ? best : undefined;
}

/** One that has ended and waits for its parent to notice runs no more. */
function isRunning(pid: number | undefined): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

const ready = (name: string, status: 'True' | 'Unknown'): Promise<string> =>
  cluster.kubectl.run('wait', `--for=condition=Ready=${status}`, `node/${name}`, '--timeout=30s');

describe('hosts', () => {
  test('every host has a network, a process tree and, if it is a node, a Docker Engine of its own', async () => {
    const hosts = await cluster.hosts();
    expect(hosts.map(({ name, zone }) => [name, zone])).toEqual([
      ['server-1', 'dc-1'],
      ['server-2', 'dc-2'],
      ['server-3', 'dc-1'],
      ['node-1', 'dc-1'],
      ['node-2', 'dc-1'],
      ['node-3', 'dc-2'],
      ['node-4', 'dc-2'],
    ]);
    const engines = new Set<string>();
    for (const { address, name, pid, role } of hosts) {
      expect(await onHost(name, 'ip', '-brief', 'address', 'show', 'dev', 'eth0')).toContain(`${address}/24`);
      expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^NSpid:\t\d+\t\d+$/m);
      if (role === 'node') engines.add((await cluster.engineOf(name).run('info', '--format', '{{.ID}}')).trim());
    }
    expect(engines.size).toBe(4);
  });

  test('pods run on the engines of their nodes and answer across data centers', async () => {
    await cluster.kubectl.apply(webDeployment({ name: 'web', replicas: 4 }));
    await cluster.kubectl.run('rollout', 'status', 'deployment', 'web', '--timeout=60s');
    await cluster.kubectl.run('expose', 'deployment', 'web', '--port=80', '--target-port=8080');
    const ip = (await cluster.kubectl.run('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}')).trim();
    for (const node of ['node-1', 'node-4']) {
      expect(await cluster.engineOf(node).runningOf({ namespace: 'default' })).toHaveLength(1);
      const seen = new Set<string>();
      await until({
        what: `${node} reaches all copies of web`,
        withinMs,
        async look() {
          seen.add(await onHost(node, 'curl', '--silent', '--max-time', '2', `http://${ip}/`));
          return seen.size;
        },
        isSo: (size) => size >= 4,
      });
    }
  });

  test('kill is a power cut: process, engine and containers are gone at once; start boots the host with its disk', async () => {
    const { pid } = await cluster.host('node-2');
    await cluster.dev('kill', 'node-2');
    expect(isRunning(pid)).toBe(false);
    expect((await attempt('docker', ['--host', 'unix:///run/berth-dev/node-2/docker.sock', 'info'])).code).not.toBe(0);
    expect(await cluster.dev('status')).toMatch(/^node-2 .* down/m);
    await ready('node-2', 'Unknown');
    await cluster.dev('start', 'node-2');
    await ready('node-2', 'True');
    expect((await cluster.attemptBerth(['dev', 'start', 'node-2'])).stderr).toBe('berth: node-2 is running\n');
  });

  test('a frozen host hangs, with the same processes when it goes on', async () => {
    const engine = cluster.engineOf('node-3');
    const before = await engine.runningOf({ namespace: 'default' });
    const { pid } = await cluster.host('node-3');
    await cluster.dev('freeze', 'node-3');
    await ready('node-3', 'Unknown');
    await cluster.dev('thaw', 'node-3');
    await ready('node-3', 'True');
    expect((await cluster.host('node-3')).pid).toBe(pid);
    expect(lifeOf(await engine.inspect(before.map(({ Id }) => Id)))).toEqual(lifeOf(before));
  });

  test('a server that is killed leaves the others at work, and comes back', async () => {
    await cluster.dev('kill', 'server-2');
    await cluster.kubectl.run('create', 'configmap', 'without-server-2', '--from-literal=a=b');
    await cluster.dev('start', 'server-2');
    const { address } = await cluster.host('server-2');
    const ask = cluster.kubectl.with({}, '--server', `https://${address}:6443`);
    await until({
      what: 'server-2 knows what was written meanwhile',
      withinMs,
      look: () => ask.run('get', 'configmap', 'without-server-2', '-o', 'name'),
      isSo: (name) => name.trim() === 'configmap/without-server-2',
    });
  });
});

describe('links between data centers', () => {
  test('a delay holds both ways, within a data center there is none, and healing takes it away', async () => {
    await cluster.dev('link', 'dc-1', 'dc-2', '--latency', '60ms');
    expect(await roundTripMs('node-1', 'server-2')).toBeGreaterThanOrEqual(120);
    expect(await roundTripMs('node-1', 'server-1')).toBeLessThan(100);
    await cluster.dev('link', 'dc-1', 'dc-2', '--heal');
    expect(await roundTripMs('node-1', 'server-2')).toBeLessThan(100);
  });

  test('a cut lets nothing pass, and its own side goes on', async () => {
    await cluster.dev('link', 'dc-1', 'dc-2', '--cut');
    expect(await roundTripMs('node-1', 'server-2')).toBeUndefined();
    expect(await roundTripMs('node-3', 'server-2')).toBeDefined();
    await cluster.dev('link', 'dc-1', 'dc-2', '--heal');
    expect(await roundTripMs('node-1', 'server-2')).toBeDefined();
  });

  test.each([
    [['link', 'dc-1', 'dc-3', '--cut'], 'a data center is a number from 1 to 2, got 3'],
    [['link', 'dc-1', 'dc-1', '--cut'], 'a link joins two different data centers'],
    [['link', 'dc-1', 'dc-2'], 'say how the link is to be: --latency, --loss and --cut, or --heal'],
    [['kill', 'node-9'], 'no host is called "node-9"'],
  ])('berth dev %s is refused with a sentence', async (args, sentence) => {
    const { code, stderr } = await cluster.attemptBerth(['dev', ...args]);
    expect([code, stderr.trim()]).toEqual([1, expect.stringContaining(sentence)]);
  });
});

test('down removes every namespace, wire, process, control group and folder, also while hosts are frozen and a link is delayed', async () => {
  await cluster.dev('link', 'dc-1', 'dc-2', '--latency', '5ms', '--loss', '1%');
  await cluster.dev('freeze', 'node-4');
  await cluster.dev('kill', 'node-1');
  await cluster.dev('down');
  expect(existsSync('/run/berth-dev')).toBe(false);
  expect(existsSync('/var/lib/berth-dev')).toBe(false);
  expect(await run('ip', ['netns', 'list'])).not.toMatch(/^berth-/m);
});
