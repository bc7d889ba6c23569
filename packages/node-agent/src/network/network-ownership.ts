import { connect, createServer, type Server, type Socket } from 'node:net';
import type { World } from '@berth/world';
import { jsonLines } from '../engine/json-lines.ts';
import type { Log } from '../logging/log.ts';
import { clusterTag } from './interface-names.ts';

const retryMs = 20;
/** A line is one network table at most. */
const pendingBytesMax = 64 * 2 ** 20;

export interface OwnershipOptions {
  readonly clusterId: string;
  readonly nodeName: string;
  readonly world: World;
  readonly log: Log;
  /** From now on this process keeps the shared tables, until it ends. */
  readonly onOwner: () => void;
  /** To the owner: which nodes' agents share this network now, itself included. */
  readonly onNodes: (nodeNames: readonly string[]) => void;
  /** To a follower: the owner has brought this version into the kernel. */
  readonly onApplied: (version: number) => void;
  /** To the owner: a follower has heard of a newer table (base64 of a berth.agent.v1.NetworkTable). */
  readonly onTable: (encoded: string) => void;
}

interface Line {
  readonly node?: unknown;
  readonly applied?: unknown;
  readonly table?: unknown;
}

/**
 * Which of the agents in one network namespace keeps the tables that all of them share. The kernel decides: an abstract socket belongs to
 * one process, in one network namespace, and is free in the moment in which that process is gone, however it ended. The others stay
 * connected to it, and the first to bind the name afterwards takes over.
 */
export class NetworkOwnership implements Disposable {
  readonly #options: OwnershipOptions;
  readonly #followers = new Map<Socket, string>();
  #server: Server | undefined;
  #owner: Socket | undefined;
  #closed = false;
  #applied = 0;
  #retry: Disposable | undefined;

  constructor(options: OwnershipOptions) {
    this.#options = options;
    this.#bid();
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#retry?.[Symbol.dispose]();
    this.#owner?.destroy();
    for (const follower of this.#followers.keys()) follower.destroy();
    this.#server?.close();
  }

  get isOwner(): boolean {
    return this.#server?.listening === true;
  }

  /** The owner tells what the kernel has now. */
  tellApplied(version: number): void {
    this.#applied = version;
    for (const follower of this.#followers.keys()) send(follower, { applied: version });
  }

  /** A follower hands over what it knows and the owner seems not to. */
  offerTable(encoded: string): void {
    if (this.#owner !== undefined) send(this.#owner, { table: encoded });
  }

  #bid(): void {
    if (this.#closed) return;
    const server = createServer((socket) => this.#welcome(socket));
    server.once('error', () => this.#follow());
    server.listen(socketAddress(this.#options.clusterId), () => {
      this.#server = server;
      this.#options.onOwner();
      this.#tellNodes();
    });
  }

  #follow(): void {
    const socket = connect(socketAddress(this.#options.clusterId));
    socket.once('connect', () => {
      this.#owner = socket;
      send(socket, { node: this.#options.nodeName });
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#owner = undefined;
      if (!this.#closed) this.#retry = this.#options.world.timers.after(retryMs, () => this.#bid());
    });
    this.#read(socket, ({ applied }) => {
      if (typeof applied === 'number') this.#options.onApplied(applied);
    });
  }

  #welcome(socket: Socket): void {
    this.#followers.set(socket, '');
    send(socket, { applied: this.#applied });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#followers.delete(socket);
      this.#tellNodes();
    });
    this.#read(socket, ({ node, table }) => {
      if (typeof node === 'string') {
        this.#followers.set(socket, node);
        this.#tellNodes();
      }
      if (typeof table === 'string') this.#options.onTable(table);
    });
  }

  #tellNodes(): void {
    if (!this.#closed)
      this.#options.onNodes([this.#options.nodeName, ...this.#followers.values()].filter((name) => name !== ''));
  }

  #read(socket: Socket, take: (line: Line) => void): void {
    const read = async () => {
      for await (const line of jsonLines(socket)) if (typeof line === 'object' && line !== null) take(line);
    };
    read().catch((error: unknown) => {
      if (!this.#closed) this.#options.log.debug({ error }, 'a neighbouring agent is gone');
      socket.destroy();
    });
  }
}

/** Whether an agent of this cluster keeps the tables of this network namespace at the moment. */
export function isNetworkKept(clusterId: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketAddress(clusterId));
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** The leading zero makes it an abstract address: no file, and bound to the network namespace (unix(7)). */
function socketAddress(clusterId: string): string {
  return `\0berth-network-${clusterTag(clusterId)}`;
}

function send(socket: Socket, line: Line): void {
  if (socket.writableLength < pendingBytesMax) socket.write(`${JSON.stringify(line)}\n`);
}
