import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { ApiClient, freePorts, temporaryFolder } from './running-server.ts';

// Whole servers, with threads and processes of their own, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

interface Run {
  readonly process: ChildProcess;
  /** Everything printed so far. */
  output(): string;
  /** Resolves to the line that says the server is ready. */
  ready(): Promise<string>;
  /** Resolves to the exit code. */
  end(): Promise<number | null>;
}

function run(...flags: readonly string[]): Run {
  const child = spawn(process.execPath, [main, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let text = '';
  const ready = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const line = /^berth server \S+ is ready.*$/m.exec(text)?.[0];
      if (line !== undefined) ready.resolve(line);
    });
  return {
    process: child,
    output: () => text,
    ready: () => Promise.race([ready.promise, exited.then(() => Promise.reject(new Error(text)))]),
    end: async () => (await exited)[0],
  };
}

test('a mistake on the command line ends with code 2 and a sentence', async () => {
  const server = run('--listen', 'nowhere');
  expect(await server.end()).toBe(2);
  expect(server.output()).toBe(
    'berth server: --listen must look like "0.0.0.0:6443" or "[::]:6443", got "nowhere"\nberth server --help lists all flags\n',
  );
});

test('a server says when it is ready, keeps what it acknowledged through SIGKILL, and ends in order on SIGTERM', async () => {
  await using folder = await temporaryFolder();
  const [api, gateway, peer] = await freePorts(3);
  const flags = ['--name', 's1', '--data-dir', folder.path, '--listen', `127.0.0.1:${api}`, '--log-level', 'warn'];
  flags.push('--gateway-listen', `127.0.0.1:${gateway}`, '--peer-listen', `127.0.0.1:${peer}`);
  const url = `https://127.0.0.1:${api}`;
  const kubeconfigPath = `${folder.path}/admin.kubeconfig`;

  const first = run(...flags);
  expect(await first.ready()).toBe(`berth server s1 is ready: ${url}, kubeconfig ${kubeconfigPath}`);
  const admin = await ApiClient.admin({ url, kubeconfigPath });
  const path = '/api/v1/namespaces/default/configmaps';
  await admin.until('/api/v1/namespaces/default', ({ status }) => status === 200);
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept' } };
  expect((await admin.send(path, { method: 'POST', body })).status).toBe(201);
  first.process.kill('SIGKILL');
  await first.end();

  const second = run(...flags);
  await second.ready();
  expect((await admin.get(`${path}/kept`)).status).toBe(200);
  second.process.kill('SIGTERM');
  expect(await second.end()).toBe(0);

  const other = run(...flags, '--pod-cidr', '10.9.0.0/16');
  expect(await other.end()).toBe(1);
  expect(other.output()).toBe(
    'berth server: cannot start: podCidr is 10.244.0.0/16 since the cluster was made and cannot become 10.9.0.0/16\n',
  );
}, 60_000);
