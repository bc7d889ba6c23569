import { connect, createServer, type Server, type Socket } from 'node:net';
import type { World } from '@berth/world';
import { ServerProbe } from './server-probe.ts';

export interface FrontDoorOptions {
  /** Loopback port; 0 lets the kernel choose. */
  readonly port: number;
  /** `host:port` of every server's API, in order of preference. */
  readonly servers: readonly string[];
  /** PEM of the cluster's CA. */
  readonly ca: string;
  readonly world: World;
  readonly probeIntervalMs?: number;
}

const usualProbeIntervalMs = 500;
const connectTimeoutMs = 500;
/** Asked so often in vain while others are ready, a server has lost its clients: they come back through the door and land elsewhere. */
const failedProbesMax = 2;

/**
 * A door on loopback to whichever server is well: plain TCP, so that TLS stays between client and server. A connection goes to
 * the first server that says `/readyz`; when none does, to the first that accepts (whose answer then tells what is wrong).
 */
export async function openFrontDoor(options: FrontDoorOptions): Promise<AsyncDisposable & { readonly port: number }> {
  const door = new FrontDoor(options);
  return { port: await door.listen(options.port), [Symbol.asyncDispose]: () => door.close() };
}

class FrontDoor {
  readonly #probes: readonly ServerProbe[];
  readonly #probing: Disposable;
  readonly #door: Server;
  /** Open connections, with the server behind each once there is one. */
  readonly #clients = new Map<Socket, string | undefined>();

  constructor({ ca, probeIntervalMs = usualProbeIntervalMs, servers, world }: FrontDoorOptions) {
    this.#probes = servers.map((server) => new ServerProbe(server, ca));
    this.#probing = world.timers.every(probeIntervalMs, () => void this.#probe());
    this.#door = createServer({ pauseOnConnect: true }, (client) => this.#welcome(client));
    void this.#probe();
  }

  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#door.once('error', reject);
      this.#door.listen(port, '127.0.0.1', () => {
        const address = this.#door.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  async close(): Promise<void> {
    this.#probing[Symbol.dispose]();
    for (const probe of this.#probes) probe[Symbol.dispose]();
    const closed = new Promise((resolve) => this.#door.close(resolve));
    for (const client of this.#clients.keys()) client.destroy();
    await closed;
  }

  async #probe(): Promise<void> {
    await Promise.all(this.#probes.map((probe) => probe.ask()));
    if (!this.#probes.some(({ isReady }) => isReady)) return;
    const lost = new Set(
      this.#probes.filter(({ failures }) => failures >= failedProbesMax).map(({ server }) => server),
    );
    for (const [client, server] of this.#clients) if (server !== undefined && lost.has(server)) client.destroy();
  }

  #welcome(client: Socket): void {
    this.#clients.set(client, undefined);
    client.on('close', () => this.#clients.delete(client));
    client.on('error', () => client.destroy());
    const ready = this.#probes.filter(({ isReady }) => isReady);
    const others = this.#probes.filter(({ isReady }) => !isReady);
    this.#pass(
      client,
      [...ready, ...others].map(({ server }) => server),
    );
  }

  /** Tries the servers one after the other until one accepts. */
  #pass(client: Socket, [server, ...others]: readonly string[]): void {
    if (server === undefined || client.destroyed) {
      client.destroy();
      return;
    }
    const { hostname, port } = new URL(`tcp://${server}`);
    const upstream = connect({ host: hostname, port: Number(port) });
    const leave = (): void => void upstream.destroy();
    client.once('close', leave);
    const tryNext = (): void => {
      client.off('close', leave);
      this.#pass(client, others);
    };
    upstream.setTimeout(connectTimeoutMs, () => upstream.destroy(new Error('no answer')));
    upstream.once('error', tryNext);
    upstream.once('connect', () => {
      upstream.setTimeout(0);
      upstream.off('error', tryNext);
      upstream.on('error', () => client.destroy());
      upstream.once('close', () => client.destroy());
      this.#clients.set(client, server);
      client.pipe(upstream);
      upstream.pipe(client);
    });
  }
}
