import { BrokenInvariant } from '@berth/raft';
import { historyUntil, type Operation } from '../history/history.ts';
import { faultByRevisions } from '../history/revision-check.ts';
import { checkKey } from '../history/wing-gong.ts';
import type { Probes } from '../probes.ts';
import { Convergence } from './convergence.ts';
import type { Plan } from './plan.ts';
import { Simulation } from './simulation.ts';
import { Violation } from './violation.ts';

export interface RunResult {
  /** Undefined when everything held. */
  readonly failure: Failure | undefined;
  readonly traceHash: string;
  readonly probes: Probes;
  readonly simulatedMs: number;
  readonly events: number;
  readonly operations: number;
}

export interface Failure {
  /** Which invariant, by name: what stays the same while a plan is shrunk. */
  readonly invariant: string;
  readonly message: string;
  readonly atMs: number;
}

const keyBudget = 200_000;
const keyOperations = 60;

/**
 * Runs a plan: the safety phase with all its faults, then the liveness phase, then the checks of what clients saw. `examine` looks at the end of the
 * safety phase and says what is wrong, if anything.
 */
export function runPlan(plan: Plan, examine?: (simulation: Simulation) => string | undefined): RunResult {
  let simulation: Simulation | undefined;
  let failure: Failure | undefined;
  try {
    simulation = new Simulation(plan);
    simulation.queue.runUntil(plan.safetyMs * 1000);
    const fault = examine?.(simulation);
    if (fault !== undefined) throw new Violation('as directed', fault);
    if (!lostItsWitness(simulation)) {
      new Convergence(simulation).run();
      checkHistory(simulation.history.operations);
    }
  } catch (error) {
    failure = describe(error, simulation);
  }
  return {
    failure,
    traceHash: simulation?.trace.hex ?? '',
    probes: simulation?.probes ?? ({} as Probes),
    simulatedMs: (simulation?.queue.nowUs ?? 0) / 1000,
    events: simulation?.queue.executed ?? 0,
    operations: simulation?.history.operations.length ?? 0,
  };
}

/** The leader that alone could have noticed a loss is gone: nothing that follows can be held against anybody. */
function lostItsWitness(simulation: Simulation): boolean {
  const { steadyTerm } = simulation;
  return steadyTerm !== undefined && simulation.leader()?.process?.raft.hardState.term !== steadyTerm;
}

function checkHistory(operations: readonly Operation[]): void {
  const fault = faultByRevisions(operations);
  if (fault !== undefined) throw new Violation('linearizable', fault);
  const byKey = Map.groupBy(operations, (operation) => operation.key);
  for (const [key, all] of byKey) {
    // The checks by revision have seen everything; this one looks at values alone, at the beginning of each key's history.
    const endUs = all[keyOperations]?.invokedUs ?? Number.POSITIVE_INFINITY;
    const verdict = checkKey(historyUntil(all, endUs), keyBudget);
    if (verdict.kind === 'not-linearizable') throw new Violation('linearizable', `key ${key}\n${verdict.timeline}`);
  }
}

function describe(error: unknown, simulation: Simulation | undefined): Failure {
  const atMs = (simulation?.queue.nowUs ?? 0) / 1000;
  if (error instanceof Violation) return { invariant: error.invariant, message: error.message, atMs };
  if (error instanceof BrokenInvariant) return { invariant: 'core assertion', message: error.message, atMs };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { invariant: 'exception', message, atMs };
}
