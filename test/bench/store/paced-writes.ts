import { setTimeout as pause } from 'node:timers/promises';
import { etcdV3 } from '@berth/wire';
import { credentials } from '@grpc/grpc-js';
import { sampleValue } from './sample-value.ts';

interface Write {
  readonly dueMs: number;
  readonly tookMs: number;
}

/** Writes at an even pace to one member, to see how long they take while something else goes on there. */
export class PacedWrites implements AsyncDisposable {
  readonly #client: etcdV3.KVClient;
  readonly #everyMs: number;
  readonly #writes: Write[] = [];
  readonly #running: Promise<void>;
  #stopped = false;

  constructor(endpoint: string, ratePerSecond: number) {
    this.#client = new etcdV3.KVClient(endpoint, credentials.createInsecure());
    this.#everyMs = 1000 / ratePerSecond;
    this.#running = this.#run();
  }

  /** Of the writes that were due in this time. Latency counts from when a write was due. */
  p99Ms(fromMs: number, toMs: number): number {
    const took = this.#writes.filter(({ dueMs }) => dueMs >= fromMs && dueMs < toMs).map(({ tookMs }) => tookMs);
    return took.sort((a, b) => a - b)[Math.floor(took.length * 0.99)] ?? Number.NaN;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#running;
    this.#client.close();
  }

  async #run(): Promise<void> {
    const value = { key: Buffer.from('/paced'), value: sampleValue(256), lease: 0, prevKv: false };
    const request = { compare: [], success: [{ request: { $case: 'requestPut' as const, value } }], failure: [] };
    const open = new Set<Promise<void>>();
    for (let dueMs = performance.now(); !this.#stopped; dueMs += this.#everyMs) {
      const asked = new Promise<void>((resolve) => {
        this.#client.txn(request, (error) => {
          if (error === null) this.#writes.push({ dueMs, tookMs: performance.now() - dueMs });
          resolve();
        });
      });
      open.add(asked);
      void asked.then(() => open.delete(asked));
      while (!this.#stopped && performance.now() < dueMs + this.#everyMs) await pause(1);
    }
    await Promise.all(open);
  }
}
