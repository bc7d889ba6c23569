import { get } from 'node:https';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { World } from '@berth/world';

export interface FrontDoorOptions {
  /** Loopback port; 0 lets the kernel choose. */
  readonly port: number;
  /** `host:port` of every server's API, in order of preference. */
  readonly servers: readonly string[];
  /** PEM of the cluster's CA. */
  readonly ca: string;
  readonly world: World;
}

const probeIntervalMs = 250;
const probeTimeoutMs = 1_000;
const connectTimeoutMs = 500;

/**
 * A door on loopback to whichever server is well: plain TCP, so that TLS stays between client and server. A connection goes to
 * the first server that says `/readyz`; when none does, to the first that accepts (whose answer then tells what is wrong).
 */
export async function openFrontDoor(options: FrontDoorOptions): Promise<AsyncDisposable & { readonly port: number }> {
  const ready = new Set<string>();
  const probe = (): void => {
    for (const server of options.servers) {
      void isReady(server, options.ca).then((answer) => (answer ? ready.add(server) : ready.delete(server)));
    }
  };
  probe();
  const probing = options.world.timers.every(probeIntervalMs, probe);
  const open = new Set<Socket>();
  const door = createServer({ pauseOnConnect: true }, (client) => {
    open.add(client);
    client.on('close', () => open.delete(client));
    client.on('error', () => client.destroy());
    const order = [...options.servers].sort((a, b) => Number(ready.has(b)) - Number(ready.has(a)));
    pass(client, order);
  });
  const port = await listen(door, options.port);
  return {
    port,
    async [Symbol.asyncDispose]() {
      probing[Symbol.dispose]();
      for (const client of open) client.destroy();
      await new Promise((resolve) => door.close(resolve));
    },
  };
}

function listen(door: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    door.once('error', reject);
    door.listen(port, '127.0.0.1', () => {
      const address = door.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** Tries the servers one after the other until one accepts. */
function pass(client: Socket, servers: readonly string[]): void {
  const [server, ...others] = servers;
  if (server === undefined) {
    client.destroy();
    return;
  }
  const { hostname, port } = new URL(`tcp://${server}`);
  const upstream = connect({ host: hostname, port: Number(port) });
  upstream.setTimeout(connectTimeoutMs, () => upstream.destroy(new Error('no answer')));
  const tryNext = (): void => pass(client, others);
  upstream.once('error', tryNext);
  upstream.once('connect', () => {
    upstream.setTimeout(0);
    upstream.off('error', tryNext);
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    client.pipe(upstream);
    upstream.pipe(client);
    client.resume();
  });
}

function isReady(server: string, ca: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = get(`https://${server}/readyz`, { ca, timeout: probeTimeoutMs, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    probe.on('timeout', () => probe.destroy());
    probe.on('error', () => resolve(false));
  });
}
