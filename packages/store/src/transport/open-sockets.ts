import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/**
 * Every TCP socket of this thread. gRPC leaves some behind when it is closed: connections that are still in their handshake, attempts
 * to connect that go on for a while. They would keep the thread alive, and their peers in the belief that somebody is there.
 */
export class OpenSockets {
  readonly #sockets = new Set<Socket>();
  #closing: (() => void) | undefined;

  constructor() {
    const opened = (message: unknown): void => this.#add((message as { readonly socket: Socket }).socket);
    subscribe('net.client.socket', opened);
    subscribe('net.server.socket', opened);
  }

  /** Destroys all of them, and any that may still come. Resolves when there is none. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#closing = () => {
      if (this.#sockets.size === 0) resolve();
    };
    for (const socket of this.#sockets) socket.destroy();
    this.#closing();
    await promise;
  }

  #add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#closing?.();
    });
    if (this.#closing !== undefined) socket.destroy();
  }
}
