import type { SchedulerChoice } from './placement-engine.ts';

/** What the scheduler's thread is started with. It takes a `StepRequest` at a time and answers each with an `EngineAnswer`. */
export interface SchedulerThreadData {
  readonly schedulers: readonly SchedulerChoice[];
}
