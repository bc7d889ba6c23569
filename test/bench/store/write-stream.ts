import { setTimeout as pause } from 'node:timers/promises';
import { etcdV3 } from '@berth/wire';
import { credentials, Metadata } from '@grpc/grpc-js';
import { sampleValue } from './sample-value.ts';

/** A client gives an attempt up after this, and tries again. */
const attemptMs = 200;
const defaultPauseMs = 5;

interface Write {
  readonly begunMs: number;
  readonly doneMs: number;
}

/** One client at each member that writes without end, to see when writes are possible. */
export class WriteStream implements AsyncDisposable {
  readonly #writes: Write[] = [];
  readonly #running: Promise<void>[];
  #stopped = false;

  constructor(endpoints: readonly string[], pauseMs: number = defaultPauseMs) {
    this.#running = endpoints.map((endpoint, index) => this.#run(endpoint, index, pauseMs));
  }

  /** The time from this moment to the first acknowledgement of a write that was begun after it. */
  async nextWriteMs(sinceMs: number): Promise<number> {
    for (;;) {
      const write = this.#writes.find(({ begunMs }) => begunMs >= sinceMs);
      if (write !== undefined) return write.doneMs - sinceMs;
      await pause(1);
    }
  }

  /** The longest time without any acknowledgement since then. */
  longestGapMs(sinceMs: number): number {
    let gap = 0;
    let lastMs = sinceMs;
    for (const { doneMs } of this.#writes) {
      if (doneMs < sinceMs) continue;
      gap = Math.max(gap, doneMs - lastMs);
      lastMs = doneMs;
    }
    return gap;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  async #run(endpoint: string, index: number, pauseMs: number): Promise<void> {
    const client = new etcdV3.KVClient(endpoint, credentials.createInsecure(), {
      'grpc.initial_reconnect_backoff_ms': 50,
      'grpc.max_reconnect_backoff_ms': 200,
    });
    const value = { key: Buffer.from(`/stream/${index}`), value: sampleValue(256), lease: 0, prevKv: false };
    const request = { compare: [], success: [{ request: { $case: 'requestPut' as const, value } }], failure: [] };
    while (!this.#stopped) {
      const begunMs = performance.now();
      const done = await new Promise<boolean>((resolve) => {
        client.txn(request, new Metadata(), { deadline: Date.now() + attemptMs }, (error) => resolve(error === null));
      });
      if (done) this.#writes.push({ begunMs, doneMs: performance.now() });
      await pause(pauseMs);
    }
    client.close();
  }
}
