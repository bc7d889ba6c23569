import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Cluster } from '../support/cluster.ts';
import { attempt, root, run } from '../support/command.ts';
import { ask } from '../support/http-answers.ts';
import { record } from '../support/measured-times.ts';
import { patience, promises } from '../support/promises.ts';
import { until } from '../support/waiting.ts';

/** `npm run up` would install packages first, and that is not what these tests are to measure, nor to do below other tests' feet. */
function expectInstalledPackages(): void {
  const stamp = join(root, 'node_modules/.berth-lock');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted)
    throw new Error('the installed packages are not those of package-lock.json; `npm test` installs them');
}

/** What `npm run up` prints; a free port, so that another cluster's does not matter. */
export async function npmRunUp(cluster: Cluster): Promise<string> {
  expectInstalledPackages();
  return run('npm', ['run', 'up', '--silent', '--', '--port', '0'], { env: cluster.environment });
}

export function start(cluster: Cluster, printed: () => string): void {
  test('npm run up shows its progress, where the demo is, the kubeconfig, and what to try next', () => {
    const output = printed();
    expect(output.match(/^✓ .+ \d+\.\d s$/gm)?.length).toBeGreaterThanOrEqual(5);
    expect(output).toMatch(/open +http:\/\/\S+\/$/m);
    expect(output).toContain(`kubeconfig ${cluster.kubeconfig}`);
    expect(output).toContain('Try next:');
  });

  test('the demo answers within the promised time of the start, which is printed', async () => {
    const tookSeconds = Number(/from start to answering demo in ([\d.]+) s/.exec(printed())?.[1]);
    record(promises.demoAnswers, tookSeconds * 1000);
    expect(tookSeconds * 1000).toBeLessThan(patience(promises.demoAnswers));
    const answer = await ask(demoUrl(printed()));
    expect(answer.status).toBe(200);
    expect(answer.body).toMatch(/<html/i);
  });

  test('every copy of the demo takes its turn, on every node', async () => {
    const nodes = new Set<string>();
    await until({
      what: 'copies of the demo on all four nodes answer',
      withinMs: 20_000,
      async look() {
        const { body } = await ask(`${demoUrl(printed())}whoami`);
        nodes.add((JSON.parse(body) as { node: string }).node);
        return [...nodes].sort();
      },
      isSo: (seen) => seen.length === 4,
    });
  });

  test('kubectl sees 4 Ready nodes in 2 zones', async () => {
    const table = await cluster.kubectl.run('get', 'nodes', '--no-headers', '-L', 'topology.kubernetes.io/zone');
    const rows = table
      .trim()
      .split('\n')
      .map((line) => line.split(/ +/));
    expect(rows.map(([name, status, , , , zone]) => [name, status, zone])).toEqual([
      ['node-1', 'Ready', 'dc-1'],
      ['node-2', 'Ready', 'dc-1'],
      ['node-3', 'Ready', 'dc-2'],
      ['node-4', 'Ready', 'dc-2'],
    ]);
  });

  test('three servers in both data centers form one control plane with one leader', async () => {
    const { items, leader } = await cluster.servers();
    expect(items.map(({ name, role }) => [name, role])).toEqual([
      ['server-1', 'voter'],
      ['server-2', 'voter'],
      ['server-3', 'voter'],
    ]);
    expect(items.filter(({ leads }) => leads).map(({ name }) => name)).toEqual([leader]);
    const zones = (await cluster.hosts()).filter(({ role }) => role === 'server').map(({ zone }) => zone);
    expect(new Set(zones)).toEqual(new Set(['dc-1', 'dc-2']));
  });

  test('a second npm run up finds the cluster and says so', async () => {
    const before = await cluster.hosts();
    const output = await npmRunUp(cluster);
    expect(output).toContain('running already');
    expect(output).toContain(demoUrl(printed()));
    expect(await cluster.hosts()).toEqual(before);
  });

  test('every server tells that it lives and is ready, and has metrics', async () => {
    const { items } = await cluster.servers();
    for (const { apiAddress } of items) {
      const server = cluster.kubectl.with({}, '--server', `https://${apiAddress}`);
      expect(await server.run('get', '--raw', '/livez')).toBe('ok');
      expect(await server.run('get', '--raw', '/readyz?verbose')).toContain('[+]store-has-leader ok');
      expect(await server.run('get', '--raw', '/metrics')).toMatch(/^berth_store_revision \d+$/m);
    }
  });

  test('nothing of Berth speaks plain text: every listener on a host address wants TLS', async () => {
    const pids = (await cluster.hosts()).map(({ pid }) => pid);
    const sockets = execFileSync('ss', ['--tcp', '--listening', '--numeric', '--processes', '--no-header'], {
      encoding: 'utf8',
    });
    const ours = sockets.split('\n').filter((line) => pids.some((pid) => line.includes(`pid=${pid},`)));
    const addresses = ours.map((line) => line.split(/ +/)[3] ?? '');
    const services = addresses.filter((address) => !address.endsWith(':53'));
    expect(services.length).toBeGreaterThanOrEqual(9);
    for (const address of services) {
      const plain = await attempt('curl', ['--silent', '--max-time', '5', `http://${address}/readyz`]);
      expect(plain.stdout, `http://${address} answers in plain text`).toBe('');
      const secure = await attempt('curl', [
        '--silent',
        '--insecure',
        '--output',
        '/dev/null',
        '--max-time',
        '5',
        '--write-out',
        '%{time_appconnect}',
        `https://${address}/`,
      ]);
      expect(Number(secure.stdout), `${address} completes a TLS handshake, or asks for a certificate`).toBeGreaterThan(
        0,
      );
    }
  });
}

function demoUrl(output: string): string {
  const url = /open +(http:\/\/\S+\/)$/m.exec(output)?.[1];
  if (url === undefined) throw new Error(`npm run up printed no URL of the demo:\n${output}`);
  return url;
}
