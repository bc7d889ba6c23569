import type { Fault } from './fault.ts';
import type { Plan } from './plan.ts';

export interface Shrunk {
  readonly plan: Plan;
  /** Runs it took. */
  readonly runs: number;
}

/**
 * Makes a failing plan as simple as it can be while `fails` still holds of it: fewer faults, a calmer world, a shorter run. At most `maxRuns` tries.
 */
export function shrinkPlan(plan: Plan, fails: (plan: Plan) => boolean, maxRuns: number): Shrunk {
  let best = plan;
  let runs = 0;
  const better = (candidate: Plan): boolean => {
    if (runs >= maxRuns) return false;
    runs++;
    if (!fails(candidate)) return false;
    best = candidate;
    return true;
  };
  for (let progress = true; progress && runs < maxRuns; ) {
    progress = dropFaults(best.faults, (faults) => better({ ...best, faults }));
    for (const simplify of [...simplifications, ...optionsToDrop(best)]) {
      const candidate = simplify(best);
      if (candidate !== undefined && better(candidate)) progress = true;
    }
  }
  return { plan: best, runs };
}

/** Takes away faults in ever smaller groups (delta debugging). True when any could be spared. */
function dropFaults(faults: readonly Fault[], better: (faults: readonly Fault[]) => boolean): boolean {
  let kept = faults;
  let spared = false;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length; ) {
      const fewer = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (better(fewer)) {
        kept = fewer;
        spared = true;
      } else at += size;
    }
  }
  return spared;
}

type Simplification = (plan: Plan) => Plan | undefined;

const simplifications: readonly Simplification[] = [
  (plan) => (plan.safetyMs > 2_000 ? { ...plan, safetyMs: Math.round(plan.safetyMs * 0.7) } : undefined),
  (plan) => (plan.learners > 0 ? { ...plan, learners: 0 } : undefined),
  (plan) => (plan.preferred.length > 0 ? { ...plan, preferred: [] } : undefined),
  (plan) => (plan.voters > 3 ? { ...plan, voters: 3 } : undefined),
  (plan) => (plan.load.clients > 1 ? withLoad(plan, { clients: Math.ceil(plan.load.clients / 2) }) : undefined),
  (plan) => (plan.load.keys > 1 ? withLoad(plan, { keys: 1 }) : undefined),
  (plan) => (plan.load.padBytes > 0 ? withLoad(plan, { padBytes: 0 }) : undefined),
  (plan) => (plan.load.fencedLoops ? withLoad(plan, { fencedLoops: false }) : undefined),
  (plan) => (plan.load.maxSessions < 200 ? withLoad(plan, { maxSessions: 200 }) : undefined),
  (plan) => (plan.network.loss > 0 ? withNetwork(plan, { loss: 0 }) : undefined),
  (plan) => (plan.network.duplicate > 0 ? withNetwork(plan, { duplicate: 0 }) : undefined),
  (plan) => (plan.network.jitter > 1 ? withNetwork(plan, { jitter: 1 }) : undefined),
  (plan) => (plan.network.sites > 1 ? withNetwork(plan, { sites: 1, siteDelayMs: 0 }) : undefined),
  (plan) => (plan.network.encoded ? withNetwork(plan, { encoded: false }) : undefined),
  (plan) => (plan.network.hints ? withNetwork(plan, { hints: false }) : undefined),
  (plan) => (plan.disk.slow > 0 ? { ...plan, disk: { ...plan.disk, slow: 0 } } : undefined),
  (plan) => (plan.clocks.drift > 0 ? { ...plan, clocks: { ...plan.clocks, drift: 0 } } : undefined),
];

/** Each option of the core back to its default. */
function optionsToDrop(plan: Plan): Simplification[] {
  return Object.keys(plan.core).map((name) => (present) => {
    const entries = Object.entries(present.core).filter(([other]) => other !== name);
    return { ...present, core: Object.fromEntries(entries) };
  });
}

function withLoad(plan: Plan, load: Partial<Plan['load']>): Plan {
  return { ...plan, load: { ...plan.load, ...load } };
}

function withNetwork(plan: Plan, network: Partial<Plan['network']>): Plan {
  return { ...plan, network: { ...plan.network, ...network } };
}
