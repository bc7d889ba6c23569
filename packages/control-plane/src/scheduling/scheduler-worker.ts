import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { keepCompiledCode } from '@berth/world';
import type { EngineAnswer, StepRequest } from './placement-engine.ts';
import type { SchedulerThreadData } from './scheduler-message.ts';
import { sessionFor, takeStep } from './session-step.ts';

/** The scheduler's thread: one session, one answer per hand-over. A fault ends the thread; its owner starts another. */
function serve(port: NonNullable<typeof parentPort>): void {
  const { schedulers } = workerData as SchedulerThreadData;
  const session = sessionFor(schedulers);
  port.on('message', (request: StepRequest) => {
    const answer: EngineAnswer = takeStep(session, request, () => performance.now());
    port.postMessage(answer);
  });
}

if (parentPort === null) throw new Error('this file runs as a worker thread only');
keepCompiledCode();
serve(parentPort);
