import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import type { World } from '@berth/world';
import type { Log } from '../logging/log.ts';
import { framed, readFramed } from './dns-framing.ts';
import type { DnsResponder } from './dns-responder.ts';

const idleMs = 10_000;
const connectionsMax = 256;

export interface DnsServerOptions {
  readonly address: string;
  /** 53 in production; 0 lets the kernel choose, over TCP the same as over UDP. */
  readonly port: number;
  readonly responder: DnsResponder;
  readonly world: World;
  readonly log: Log;
}

/** The node's name server, over UDP and TCP at one address and port. */
export class DnsServer implements AsyncDisposable {
  readonly #options: DnsServerOptions;
  readonly #udp: UdpSocket = createSocket('udp4');
  readonly #tcp: Server;
  readonly #connections = new Set<Socket>();

  private constructor(options: DnsServerOptions) {
    this.#options = options;
    this.#tcp = createServer((socket) => this.#serve(socket));
  }

  /** Rejects when the address is not there or taken. */
  static async open(options: DnsServerOptions): Promise<DnsServer> {
    const server = new DnsServer(options);
    try {
      await server.#listen();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  get port(): number {
    return this.#udp.address().port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    await new Promise<void>((resolve) => this.#tcp.close(() => resolve()));
    await new Promise<void>((resolve) => {
      try {
        this.#udp.close(resolve);
      } catch {
        // It was never opened.
        resolve();
      }
    });
  }

  async #listen(): Promise<void> {
    const { address, port, log } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#udp.once('error', reject);
      this.#udp.bind(port, address, () => resolve());
    });
    this.#udp.removeAllListeners('error');
    this.#udp.on('error', (error) => log.warn({ error }, 'name server socket failed'));
    this.#udp.on('message', (message, { address: client, port: from }) => {
      this.#answer(message, false)
        .then((answer) => {
          if (answer !== undefined) this.#udp.send(answer, from, client, () => undefined);
        })
        .catch((error: unknown) => log.warn({ error }, 'a DNS question could not be answered'));
    });
    this.#tcp.maxConnections = connectionsMax;
    await new Promise<void>((resolve, reject) => {
      this.#tcp.once('error', reject);
      this.#tcp.listen(this.port, address, () => resolve());
    });
  }

  #answer(message: Uint8Array, overTcp: boolean): Promise<Uint8Array | undefined> {
    return this.#options.responder.respond(message, overTcp);
  }

  #serve(socket: Socket): void {
    this.#connections.add(socket);
    socket.setTimeout(idleMs, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.once('close', () => this.#connections.delete(socket));
    const serve = async () => {
      for await (const message of readFramed(socket)) {
        const answer = await this.#answer(message, true);
        if (answer === undefined) return;
        socket.write(framed(answer));
      }
    };
    serve()
      .catch(() => undefined)
      .finally(() => socket.destroy());
  }
}
