import { type ChildProcess, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { testFolder } from './test-folder.ts';

/** Ends with whoever started it, also when that was killed: then the pipe is closed. */
const guard = 'etcd "$@" & read -r _; kill -9 $!';

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
  const server = spawn('sh', ['-c', `command -v etcd >/dev/null || exit 127; ${guard}`, 'guard', ...flags], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await answering(client, server);
  return {
    endpoint: `127.0.0.1:${clientPort}`,
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      if (server.exitCode === null) {
        server.stdin?.end();
        await gone;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answering(client: string, server: ChildProcess): Promise<void> {
  for (;;) {
    if (server.exitCode === 127)
      throw new Error('there is no etcd on this machine, which these tests need (Debian: apt-get install etcd-server)');
    if (server.exitCode !== null) throw new Error(`etcd ended with code ${server.exitCode}`);
    const healthy = await fetch(`${client}/health`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (healthy) return;
    await sleep(50);
  }
}
