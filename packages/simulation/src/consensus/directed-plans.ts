import type { Fault } from './fault.ts';
import type { Plan } from './plan.ts';
import type { Simulation } from './simulation.ts';

/** A run in which one story is told on purpose, in an otherwise calm world. */
export interface DirectedPlan {
  /** A sentence about what must hold. */
  readonly title: string;
  readonly plan: Plan;
  /** Looked at when the safety phase is over: what is wrong, or undefined. */
  readonly examine?: (simulation: Simulation) => string | undefined;
}

type Changes = Partial<Omit<Plan, 'core' | 'network' | 'disk' | 'load'>> & {
  readonly core?: Plan['core'];
  readonly network?: Partial<Plan['network']>;
  readonly disk?: Partial<Plan['disk']>;
  readonly load?: Partial<Plan['load']>;
};

function calmPlan(changes: Changes): Plan {
  return {
    seed: 1,
    safetyMs: 20_000,
    voters: 3,
    learners: 0,
    preferred: [],
    clocks: { drift: 0, wallJumps: false },
    faults: [],
    ...changes,
    core: { checkpointEntries: 20, trailingEntries: 5, ...changes.core },
    network: {
      delayMs: 1,
      jitter: 2,
      loss: 0,
      duplicate: 0,
      duplicateMs: 10,
      sites: 1,
      siteDelayMs: 0,
      encoded: true,
      hints: true,
      ...changes.network,
    },
    disk: { writeMs: 1, slow: 0, slowMs: 100, applyMs: 0.5, ...changes.disk },
    load: {
      clients: 6,
      thinkMs: 40,
      keys: 3,
      padBytes: 0,
      maxSessions: 100,
      fencedLoops: true,
      ...changes.load,
    },
  };
}

/** The same fault again and again. */
function every(periodMs: number, untilMs: number, draw: (atMs: number, turn: number) => Fault): Fault[] {
  const faults: Fault[] = [];
  for (let atMs = 3_000, turn = 0; atMs < untilMs; atMs += periodMs, turn++) faults.push(draw(atMs, turn));
  return faults;
}

const happened =
  (probe: string, least = 1) =>
  (simulation: Simulation): string | undefined => {
    const count = simulation.probes.count(probe);
    return count >= least ? undefined : `${probe} was to happen ${least} times, it happened ${count} times`;
  };

/** One election at the start, and no more. */
function oneReign({ watch }: Simulation): string | undefined {
  return watch.leaderChanges === 1 ? undefined : `${watch.leaderChanges} leaders were elected, one was wanted`;
}

export const directedPlans: readonly DirectedPlan[] = [
  {
    title: 'state and place are one write, whenever everything loses power',
    plan: calmPlan({
      core: { checkpointEntries: 7 },
      faults: every(1_700, 18_000, (atMs) => ({ kind: 'crash-all', atMs, image: 'kept', downMs: 50 })),
    }),
  },
  {
    title: 'wall clocks that jump by years change nothing but data',
    plan: calmPlan({
      faults: every(900, 18_000, (atMs, turn) => ({
        kind: 'wall-jump',
        atMs,
        target: turn % 3,
        byMs: turn % 2 === 0 ? 3e10 : -3e10,
      })),
    }),
    examine: oneReign,
  },
  {
    title: 'a follower that applies slowly serves no old state',
    plan: calmPlan({ disk: { applyMs: 60 }, load: { clients: 8, thinkMs: 20, keys: 1 } }),
    examine: oneReign,
  },
  {
    title: 'clients that hear nothing repeat themselves, and every command is done once',
    plan: calmPlan({
      network: { loss: 0.15, duplicate: 0.2, duplicateMs: 5_000 },
      faults: every(2_500, 18_000, (atMs) => ({ kind: 'crash', atMs, target: 'leader', image: 'lost', downMs: 800 })),
    }),
    examine: happened('duplicate-answered-again', 10),
  },
  {
    title: 'sessions survive snapshots, restarts and new leaders',
    plan: calmPlan({
      core: { checkpointEntries: 5, trailingEntries: 0, maxTrailingEntries: 1 },
      load: { clients: 9, maxSessions: 6 },
      faults: every(2_000, 18_000, (atMs, turn) => ({
        kind: 'crash',
        atMs,
        target: turn % 2 === 0 ? 'leader' : 1,
        image: 'lost',
        downMs: 1_500,
      })),
    }),
    examine: happened('snapshot-installed-over-log'),
  },
  {
    title: 'what was decided under an old leader is not done under a new one',
    plan: calmPlan({ faults: every(3_000, 18_000, (atMs, turn) => ({ kind: 'transfer', atMs, to: turn % 3 })) }),
    examine: happened('fenced-write-refused', 3),
  },
  {
    title: 'nothing expires early, however often the leader changes',
    plan: calmPlan({
      load: { clients: 8, maxSessions: 12 },
      faults: every(2_000, 18_000, (atMs, turn) => ({ kind: 'transfer', atMs, to: turn % 3 })),
    }),
    examine: ({ probes, watch }) => {
      const expired = probes.count('expired-session-refused');
      if (watch.leaderChanges < 5) return `only ${watch.leaderChanges} leaders were elected`;
      return expired === 0 ? undefined : `${expired} commands met an expired session`;
    },
  },
  {
    title: 'ten times the load changes no leader',
    plan: calmPlan({
      safetyMs: 8_000,
      core: { maxUncommittedBytes: 20_000 },
      disk: { writeMs: 8 },
      load: { clients: 40, thinkMs: 5, padBytes: 2_000 },
    }),
    examine: oneReign,
  },
  {
    title: 'a write error ends the process, and nothing acknowledged is lost',
    plan: calmPlan({
      faults: every(1_900, 18_000, (atMs, turn) => ({ kind: 'write-error', atMs, target: turn % 3, downMs: 300 })),
    }),
    examine: happened('write-error-aborts', 3),
  },
  {
    title: 'a wiped member is refused under its old id',
    plan: calmPlan({
      safetyMs: 40_000,
      voters: 3,
      network: { hints: false },
      faults: [3_000, 14_000, 25_000].map((atMs, turn) => ({
        kind: 'wipe',
        atMs,
        target: turn,
        downMs: 100,
        decapitate: true,
      })),
    }),
    examine: happened('handshake-refused'),
  },
  {
    title: 'a member that finds acknowledged records damaged keeps silent until it is healed',
    plan: calmPlan({
      safetyMs: 40_000,
      faults: [3_000, 16_000, 28_000].map((atMs, turn) => ({
        kind: 'rot',
        atMs,
        target: turn,
        downMs: 100,
        decapitate: true,
      })),
    }),
    examine: happened('quarantine-left'),
  },
  {
    title: 'entries that take long to apply stop no heartbeat',
    plan: calmPlan({ safetyMs: 30_000, disk: { applyMs: 1_000 }, load: { clients: 2, thinkMs: 700 } }),
    examine: oneReign,
  },
  {
    title: 'a standstill of a follower causes no campaign, and one of half a second no election',
    plan: calmPlan({
      safetyMs: 60_000,
      faults: every(2_600, 58_000, (atMs, turn) => ({
        kind: 'pause',
        atMs,
        target: turn % 2 === 0 ? 'leader' : turn % 3,
        forMs: 500,
        clockRuns: true,
        deaf: false,
      })),
    }),
    examine: (simulation) => oneReign(simulation) ?? fewCampaigns(simulation),
  },
  {
    title: 'a follower that stood still for long hears its leader before it campaigns',
    plan: calmPlan({
      safetyMs: 60_000,
      faults: every(6_000, 54_000, (atMs, turn) => ({
        kind: 'pause',
        atMs,
        target: 'follower',
        forMs: 700 + 100 * turn,
        clockRuns: true,
        deaf: false,
      })),
      core: { electionTicks: 10, heartbeatTicks: 1 },
    }),
    examine: (simulation) => oneReign(simulation) ?? fewCampaigns(simulation),
  },
  {
    title: 'a leader whose disk hangs gives up its office',
    plan: calmPlan({
      safetyMs: 30_000,
      faults: [{ kind: 'disk-stall', atMs: 5_000, target: 'leader', forMs: 15_000 }],
    }),
    examine: happened('stepped-down-hung-disk'),
  },
  {
    title: 'no lease outlives a pause of its holder',
    plan: calmPlan({
      safetyMs: 60_000,
      core: { leaseReads: { driftPercent: 1 } },
      load: { clients: 12, thinkMs: 15, keys: 2 },
      faults: every(7_000, 56_000, (atMs) => ({
        kind: 'pause',
        atMs,
        target: 'leader',
        forMs: 3_500,
        clockRuns: true,
        deaf: true,
      })),
    }),
    examine: happened('lease-read', 100),
  },
  {
    title: 'a leader that others have replaced serves no old state',
    plan: calmPlan({
      safetyMs: 60_000,
      load: { clients: 12, thinkMs: 15, keys: 2 },
      faults: every(5_000, 56_000, (atMs) => ({ kind: 'usurp', atMs, forMs: 2_500, orphans: 0 })),
    }),
    examine: happened('stepped-down-no-quorum'),
  },
];

/** The first election may take two rounds. */
function fewCampaigns({ probes }: Simulation): string | undefined {
  const campaigns = probes.count('pre-vote-started');
  return campaigns <= 2 ? undefined : `${campaigns} campaigns were started`;
}
