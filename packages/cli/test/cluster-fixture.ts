import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { parseServerOptions, type Server, startServer } from '@berth/control-plane';
import { type MemoryStore, memoryStore } from '@berth/store';
import { realWorld } from '@berth/world';
import { ApiClient } from '../src/client/api-client.ts';
import { loadKubeconfig } from '../src/client/kubeconfig.ts';
import { streamTerminal, type Terminal } from '../src/terminal/terminal.ts';

/** A terminal whose lines are kept. */
export interface Paper extends Terminal {
  /** Lines of standard output and of standard error since the last look. */
  take(): { readonly out: readonly string[]; readonly err: readonly string[] };
  /** Resolves when standard output has this many lines. */
  until(count: number): Promise<readonly string[]>;
}

export function paper(): Paper {
  const texts = { out: '', err: '' };
  const waiting = new Set<() => void>();
  const sink = (name: 'out' | 'err') =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        texts[name] += chunk.toString();
        for (const look of waiting) look();
        done();
      },
    });
  const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));
  return {
    ...streamTerminal({ output: sink('out'), errors: sink('err'), env: {} }),
    take() {
      const taken = { out: linesOf(texts.out), err: linesOf(texts.err) };
      texts.out = '';
      texts.err = '';
      return taken;
    },
    until(count) {
      const { promise, resolve } = Promise.withResolvers<readonly string[]>();
      const look = (): void => {
        if (linesOf(texts.out).length < count) return;
        waiting.delete(look);
        resolve(linesOf(texts.out));
      };
      waiting.add(look);
      look();
      return promise;
    },
  };
}

/** One server over a store in memory, on free loopback ports, and a client of its administrator. */
export interface ClusterFixture extends AsyncDisposable {
  readonly server: Server;
  readonly store: MemoryStore;
  readonly client: ApiClient;
  readonly kubeconfig: string;
  readonly dataDir: string;
  /** Writes a file into the fixture's folder; its path. */
  file(name: string, content: string): Promise<string>;
}

export async function openCluster(): Promise<ClusterFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-cli-'));
  const dataDir = join(folder, 'data');
  const [api, gateway, peer] = await freePorts(3);
  const address = (port: number | undefined): string => `127.0.0.1:${port}`;
  const flags = {
    name: 'server-1',
    'data-dir': dataDir,
    listen: address(api),
    'gateway-listen': address(gateway),
    'peer-listen': address(peer),
    'log-level': 'silent',
  };
  const argv = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  let store: MemoryStore | undefined;
  const server = await startServer(parseServerOptions(argv, { readFile: () => '' }), {
    openStore: async ({ addresses }) => {
      store = memoryStore(realWorld, { member: { memberId: '1', ...addresses } });
      return { store, memberId: '1', addMember: async () => undefined, abdicate: async () => undefined };
    },
  });
  await server.ready();
  const client = new ApiClient(loadKubeconfig(server.kubeconfigPath));
  await untilDefaultNamespace(client);
  return {
    server,
    store: store as MemoryStore,
    client,
    dataDir,
    kubeconfig: server.kubeconfigPath,
    async file(name, content) {
      await writeFile(join(folder, name), content);
      return join(folder, name);
    },
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The leader makes it soon after it starts. */
async function untilDefaultNamespace(client: ApiClient): Promise<void> {
  const path = '/api/v1/namespaces/default';
  while (
    await client.json({ path }).then(
      () => false,
      () => true,
    )
  ) {
    await realWorld.timers.sleep(10);
  }
}

/** Free loopback ports, all different: held open together before they are given away. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const listeners = Array.from({ length: count }, () => createServer());
  await Promise.all(listeners.map((listener) => new Promise<void>((open) => listener.listen(0, '127.0.0.1', open))));
  const ports = listeners.map((listener) => (listener.address() as AddressInfo).port);
  await Promise.all(listeners.map((listener) => new Promise((closed) => listener.close(closed))));
  return ports;
}

/** TLS for a server on 127.0.0.1, as a real one has it. PEM. */
export async function serverTls(): Promise<{ readonly ca: string; readonly cert: string; readonly key: string }> {
  await using cluster = await openCluster();
  const [ca = '', cert = '', key = ''] = await Promise.all(
    ['ca.crt', 'server.crt', 'server.key'].map((name) => readFile(join(cluster.dataDir, 'pki', name), 'utf8')),
  );
  return { ca, cert, key };
}
