import { setTimeout as pause } from 'node:timers/promises';
import { ApiClient, type Credentials } from './api-client.ts';
import type { ApiObject } from './object-watch.ts';

/** A write that a server has acknowledged. */
export interface AcknowledgedWrite {
  readonly name: string;
  /** What the object's `data.count` was set to. */
  readonly count: string;
  /** As the answer said. */
  readonly resourceVersion: string;
  /** Times of this process's clock, in milliseconds. */
  readonly sentAtMs: number;
  readonly acknowledgedAtMs: number;
}

/** A change of an object as its watchers should see it. */
export interface CountedObject extends ApiObject {
  readonly data?: { readonly count?: string };
}

export interface WriteStreamOptions {
  readonly servers: readonly string[];
  readonly credentials: Credentials;
  readonly namespace: string;
  readonly clientsPerServer: number;
}

const pauseMs = 15;
const answerTimeoutMs = 4_000;
/** Of each client's writes, one in so many makes an object; the others change the last one that it made. */
const changesPerObject = 3;

/**
 * Clients that write one after the other until they are stopped, spread over all servers. When a server fails one of them, it goes on
 * with the next write at the next server; whether the failed one was applied nobody knows, and nobody may rely on either.
 */
export class WriteStream implements AsyncDisposable {
  readonly acknowledged: AcknowledgedWrite[] = [];
  /** What went wrong, as the clients saw it. */
  readonly failures: string[] = [];
  readonly #stop = new AbortController();
  readonly #clients: Promise<unknown>;

  constructor(options: WriteStreamOptions) {
    const count = options.servers.length * options.clientsPerServer;
    this.#clients = Promise.all(Array.from({ length: count }, (_, client) => this.#write(client, options)));
  }

  /** Writes that were sent after this moment and acknowledged since. */
  sentAfter(momentMs: number): readonly AcknowledgedWrite[] {
    return this.acknowledged.filter(({ sentAtMs }) => sentAtMs > momentMs);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#clients;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #write(client: number, { servers, credentials, namespace }: WriteStreamOptions): Promise<void> {
    const connections = servers.map((server) => new ApiClient(server, credentials));
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    let server = client % servers.length;
    try {
      for (let count = 0; !this.#stop.signal.aborted; count++) {
        const name = `client-${client}-${count - (count % changesPerObject)}`;
        const connection = connections[server];
        const done = connection !== undefined && (await this.#writeOnce(connection, path, name, count));
        if (!done) server = (server + 1) % servers.length;
        await pause(pauseMs);
      }
    } finally {
      for (const connection of connections) connection[Symbol.dispose]();
    }
  }

  async #writeOnce(connection: ApiClient, path: string, name: string, count: number): Promise<boolean> {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { count: String(count) } };
    const isNew = count % changesPerObject === 0;
    const sentAtMs = performance.now();
    try {
      const headers = isNew ? {} : { 'content-type': 'application/merge-patch+json' };
      const asked = isNew ? { method: 'POST', path } : { method: 'PATCH', path: `${path}/${name}` };
      const { code, body } = await connection.ask({ ...asked, headers, body: object, timeoutMs: answerTimeoutMs });
      // The object may be missing when its creation was one of the writes whose fate is unknown.
      if (code === 404) return true;
      if (code !== 200 && code !== 201) throw new Error(`${code} ${JSON.stringify(body)}`);
      const { resourceVersion = '' } = (body as ApiObject).metadata;
      this.acknowledged.push({
        name,
        count: String(count),
        resourceVersion,
        sentAtMs,
        acknowledgedAtMs: performance.now(),
      });
      return true;
    } catch (error) {
      this.failures.push(String(error));
      return false;
    }
  }
}
