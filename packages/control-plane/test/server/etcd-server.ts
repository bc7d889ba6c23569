import { type ChildProcess, spawn } from 'node:child_process';
import { realWorld } from '@berth/world';
import { freePorts, temporaryFolder } from './running-server.ts';

export interface EtcdServer extends AsyncDisposable {
  /** `host:port` for clients. */
  readonly endpoint: string;
}

/** Debian's etcd with one member on free loopback ports. */
export async function startEtcd(): Promise<EtcdServer> {
  const folder = await temporaryFolder();
  const [client, peer] = (await freePorts(2)).map((port) => `http://127.0.0.1:${port}`);
  const settings = {
    name: 'test',
    'data-dir': folder.path,
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `test=${peer}`,
  };
  const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  const server = spawn('etcd', flags, { stdio: 'ignore' });
  await answering(`${client}/health`, server);
  return {
    endpoint: String(client).replace('http://', ''),
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await gone;
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function answering(url: string, server: ChildProcess): Promise<void> {
  const isHealthy = (): Promise<boolean> =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isHealthy())) {
    if (server.exitCode !== null) throw new Error(`etcd ended with code ${server.exitCode}`);
    await realWorld.timers.sleep(50);
  }
}
