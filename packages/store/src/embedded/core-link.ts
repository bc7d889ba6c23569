import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { CoreOptions, FromCore, ToCore } from '../link/core-messages.ts';

/**
 * MiB of heap and buffers before the first full garbage collection. The core has few objects and many short-lived buffers: by itself V8 would
 * mark those few objects several times a second under load.
 */
const firstCollectionMb = 48;
/**
 * MiB for young objects, three halves of which one is in use. Buffers die young, and their memory counts as much as that of objects that live long: V8 marks everything
 * when 64 MiB of them have come, so those that are dead had better be collected before.
 */
const youngGenerationMb = 6;

/** The thread of the consensus core, seen from the main thread. */
export class CoreLink {
  readonly #worker: Worker;
  readonly #ended = Promise.withResolvers<void>();
  #stopping = false;

  constructor(options: CoreOptions, receive: (message: FromCore) => void, failed: (reason: string) => void) {
    // Read by the heap of a thread that begins; those that run are not changed.
    setFlagsFromString(`--initial-old-space-size=${firstCollectionMb}`);
    this.#worker = new Worker(new URL('../consensus-worker.ts', import.meta.url), {
      name: 'consensus',
      workerData: options,
      env: withCompileCache(),
      // The heap of the core is kept small on purpose: the state lives in the main thread.
      resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: youngGenerationMb },
    });
    this.#worker.once('online', () => setFlagsFromString('--initial-old-space-size=0'));
    this.#worker.on('message', receive);
    this.#worker.on('error', (error) => failed(`the consensus thread failed: ${error.stack ?? error.message}`));
    this.#worker.on('exit', (code) => {
      this.#ended.resolve();
      if (!this.#stopping) failed(`the consensus thread ended with code ${code}`);
    });
  }

  post(message: ToCore, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, [...transfer]);
  }

  /**
   * Resolves when the thread has put everything in order and is gone. It ends by itself once its sockets are closed; to terminate it
   * earlier could bring down the whole process.
   */
  async stop(): Promise<void> {
    if (!this.#stopping) {
      this.#stopping = true;
      this.post({ kind: 'stop' });
    }
    await this.#ended.promise;
  }

  /** It could not start, and ends by itself. */
  async refused(): Promise<void> {
    this.#stopping = true;
    await this.#ended.promise;
  }
}

/** The thread, too, starts faster with what was compiled before. It looks for that in its environment only. */
function withCompileCache(): NodeJS.ProcessEnv {
  const cache = getCompileCacheDir();
  return cache === undefined ? process.env : { NODE_COMPILE_CACHE: dirname(cache), ...process.env };
}
