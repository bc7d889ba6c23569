import { Worker } from 'node:worker_threads';
import type { EngineAnswer, PlacementEngine, SchedulerChoice, StepRequest } from './placement-engine.ts';
import type { SchedulerThreadData } from './scheduler-message.ts';

/** The session in a thread of its own, so that a large placement never delays the edge. */
export function workerEngine(schedulers: readonly SchedulerChoice[]): PlacementEngine {
  return new WorkerEngine(schedulers);
}

class WorkerEngine implements PlacementEngine {
  readonly #worker: Worker;
  #waiting: PromiseWithResolvers<EngineAnswer> | undefined;
  #fault: Error | undefined;

  constructor(schedulers: readonly SchedulerChoice[]) {
    const workerData: SchedulerThreadData = { schedulers };
    this.#worker = new Worker(new URL('./scheduler-worker.ts', import.meta.url), { workerData, name: 'scheduler' });
    this.#worker.on('message', (answer: EngineAnswer) => {
      this.#waiting?.resolve(answer);
      this.#waiting = undefined;
    });
    this.#worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on('exit', (code) => this.#fail(new Error(`the scheduler thread ended with code ${code}`)));
  }

  step(request: StepRequest): Promise<EngineAnswer> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    if (this.#waiting !== undefined) return Promise.reject(new Error('the scheduler is asked one step at a time'));
    this.#waiting = Promise.withResolvers();
    this.#worker.postMessage(request);
    return this.#waiting.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(fault: Error): void {
    this.#fault ??= fault;
    this.#waiting?.reject(this.#fault);
    this.#waiting = undefined;
  }
}
