import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { testFolder } from './test-folder.ts';

/** Whether this machine has an etcd to test against (Debian: `etcd-server`). */
export const hasEtcd: boolean = spawnSync('etcd', ['--version']).status === 0;

export interface EtcdServer extends AsyncDisposable {
  /** `host:port` for clients. */
  readonly endpoint: string;
}

/** A one-member etcd on free loopback ports, with its data below the system's temporary folder. */
export async function startEtcd(): Promise<EtcdServer> {
  const folder = await testFolder('etcd');
  const [clientPort, peerPort] = await Promise.all([freePort(), freePort()]);
  const client = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  const settings = {
    name: 'test',
    'data-dir': folder,
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `test=${peer}`,
  };
  const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  const server = spawn('etcd', flags, { stdio: 'ignore' });
  await answering(client, server);
  return {
    endpoint: `127.0.0.1:${clientPort}`,
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      if (server.exitCode === null) {
        server.kill('SIGKILL');
        await gone;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answering(client: string, server: ChildProcess): Promise<void> {
  for (;;) {
    if (server.exitCode !== null) throw new Error(`etcd ended with code ${server.exitCode}`);
    const healthy = await fetch(`${client}/health`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (healthy) return;
    await sleep(50);
  }
}
