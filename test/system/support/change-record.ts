import { setTimeout as pause } from 'node:timers/promises';
import { ApiClient, type Credentials } from './api-client.ts';
import type { WatchEvent } from './object-watch.ts';
import type { CountedObject } from './write-stream.ts';

/** `ADDED client-1-3 =4 @120`: one line for what a watcher was told. */
export type ChangeLine = string;

export interface ChangeRecordOptions {
  /** The server that is watched first; when its watch ends, the next one is asked for what comes after. */
  readonly servers: readonly string[];
  readonly credentials: Credentials;
  readonly namespace: string;
  /** Watch what comes after this version. */
  readonly resourceVersion: string;
}

/** Watches the config maps of a namespace across the loss of servers, as an informer does, and writes down everything in the order it came. */
export class ChangeRecord implements AsyncDisposable {
  readonly changes: WatchEvent<CountedObject>[] = [];
  /** How often the watch was opened. */
  opened = 0;
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>;
  #version: string;

  constructor(options: ChangeRecordOptions) {
    this.#version = options.resourceVersion;
    this.#watching = this.#watch(options);
  }

  /** Version up to which everything was seen. */
  get version(): number {
    return Number(this.#version);
  }

  get lines(): readonly ChangeLine[] {
    return this.changes.map(
      ({ type, object }) =>
        `${type} ${object.metadata.name} =${object.data?.count} @${object.metadata.resourceVersion}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }

  async #watch({ servers, credentials, namespace }: ChangeRecordOptions): Promise<void> {
    for (let turn = 0; !this.#stop.signal.aborted; turn++) {
      using client = new ApiClient(servers[turn % servers.length] ?? '', credentials);
      const query = `watch=true&allowWatchBookmarks=true&resourceVersion=${this.#version}`;
      this.opened += 1;
      const path = `/api/v1/namespaces/${namespace}/configmaps?${query}`;
      await client.stream(path, (line) => this.#take(line), this.#stop.signal).catch(() => {});
      await pause(20);
    }
  }

  #take(line: string): void {
    const event = JSON.parse(line) as WatchEvent<CountedObject>;
    if (event.type === 'ERROR') throw new Error(line);
    this.#version = event.object.metadata.resourceVersion ?? this.#version;
    if (event.type !== 'BOOKMARK') this.changes.push(event);
  }
}
