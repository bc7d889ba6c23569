import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseServerOptions, type Server, startServer } from '@berth/control-plane';
import { ApiClient } from '../src/client/api-client.ts';
import { loadKubeconfig } from '../src/client/kubeconfig.ts';
import { freePorts } from './cluster-fixture.ts';

/** Real servers with disks, on free loopback ports, in one folder that goes with them. */
export class EmbeddedServers implements AsyncDisposable {
  readonly folder: string;
  readonly #ports = new Map<string, readonly number[]>();
  readonly #running = new Map<string, Server>();

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<EmbeddedServers> {
    return new EmbeddedServers(await mkdtemp(join(tmpdir(), 'berth-cli-servers-')));
  }

  dataDir(name: string): string {
    return join(this.folder, name);
  }

  /** Starts it, for the first time or again; `flags` as on the command line. Does not wait for a leader. */
  async start(name: string, flags: readonly string[] = []): Promise<Server> {
    const [api, gateway, peer] = this.#ports.get(name) ?? (await freePorts(3));
    this.#ports.set(name, [api ?? 0, gateway ?? 0, peer ?? 0]);
    const own = {
      '--name': name,
      '--data-dir': this.dataDir(name),
      '--listen': `127.0.0.1:${api}`,
      '--gateway-listen': `127.0.0.1:${gateway}`,
      '--peer-listen': `127.0.0.1:${peer}`,
      '--log-level': 'silent',
      '--election-timeout': '400ms',
    };
    const argv = [...Object.entries(own).flat(), ...flags];
    const server = await startServer(parseServerOptions(argv, { readFile: () => '' }));
    this.#running.set(name, server);
    return server;
  }

  async stop(name: string): Promise<void> {
    const server = this.#running.get(name);
    this.#running.delete(name);
    await server?.[Symbol.asyncDispose]();
  }

  /** An administrator's client of that server. Whoever asks for it closes it. */
  client(name: string): ApiClient {
    return new ApiClient(loadKubeconfig(join(this.dataDir(name), 'admin.kubeconfig')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.stop(name)));
    await rm(this.folder, { recursive: true, force: true });
  }
}
