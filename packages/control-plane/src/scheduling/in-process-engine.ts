import type { Clock } from '@berth/world';
import type { PlacementEngine, SchedulerChoice } from './placement-engine.ts';
import { sessionFor, takeStep } from './session-step.ts';

/** The session on the caller's thread: for tests and for the simulation, where everything runs on one. */
export function inProcessEngine(schedulers: readonly SchedulerChoice[], clock: Clock): PlacementEngine {
  const session = sessionFor(schedulers);
  return {
    step: async (request) => takeStep(session, request, () => clock.monotonicMs()),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
