import type { RaftOptions } from '@berth/raft';
import { Dice } from '../world/dice.ts';
import type { Fault, PartitionShape, PromiseKind, Target } from './fault.ts';
import type { LoadPlan, NetworkPlan, Plan } from './plan.ts';
import type { CrashImage } from './sim-disk.ts';

/** A family of faults is left out of this share of the plans, so that each is also seen without the noise of the others. */
const absence = 0.3;

/** Draws the plan of a seed: how large the cluster is, what the world is like, and what goes wrong when. */
export function drawPlan(seed: number, safetyMs: number): Plan {
  const dice = new Dice(seed, 'plan');
  const voters = dice.pick([1, 2, 3, 3, 3, 3, 3, 4, 5, 5, 5, 7]);
  const leases = dice.chance(0.2);
  const special = voters >= 3 && dice.chance(0.06);
  const network = drawNetwork(dice);
  const plan: Plan = {
    seed,
    safetyMs,
    voters,
    learners: dice.chance(0.3) ? dice.pick([1, 1, 1, 2, 2, 3, 5]) : 0,
    preferred: dice.chance(0.2) ? [dice.between(1, voters)] : [],
    core: drawCore(dice, leases, network),
    network,
    disk: {
      writeMs: dice.magnitude(0.1, 20),
      slow: dice.chance(0.5) ? dice.magnitude(0.001, 0.1) : 0,
      slowMs: dice.magnitude(50, 400),
      applyMs: dice.magnitude(0.05, 20),
    },
    load: drawLoad(dice),
    clocks: { drift: leases ? 0.005 : dice.chance(0.05) ? 0.2 : 0.005, wallJumps: dice.chance(0.3) },
    faults: [],
  };
  return { ...plan, faults: special ? drawTailLosses(dice, safetyMs) : drawFaults(dice, plan, leases) };
}

function drawNetwork(dice: Dice): NetworkPlan {
  const wan = dice.chance(0.2);
  return {
    delayMs: dice.magnitude(0.2, 50),
    jitter: dice.magnitude(1, 10),
    loss: dice.chance(absence) ? 0 : dice.magnitude(0.001, 0.3),
    duplicate: dice.chance(absence) ? 0 : dice.magnitude(0.001, 0.3),
    duplicateMs: dice.magnitude(10, 60_000),
    sites: wan ? dice.between(2, 5) : 1,
    siteDelayMs: wan ? dice.magnitude(10, 120) : 0,
    encoded: dice.chance(0.15),
    hints: dice.chance(0.5),
  };
}

function drawLoad(dice: Dice): LoadPlan {
  return {
    clients: dice.pick([1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16]),
    thinkMs: dice.magnitude(20, 1500),
    keys: dice.between(1, 6),
    padBytes: dice.chance(0.15) ? Math.round(dice.magnitude(100, 100_000)) : 0,
    maxSessions: dice.chance(0.3) ? dice.between(4, 12) : 200,
    fencedLoops: dice.chance(0.6),
  };
}

/** Options at their extremes: legal, and unkind. */
function drawCore(dice: Dice, leases: boolean, network: NetworkPlan): Partial<RaftOptions> {
  const often = (value: number, unkind: number): number => (dice.chance(0.25) ? unkind : value);
  const slow = network.delayMs * network.jitter + network.siteDelayMs > 150;
  const electionTicks = slow ? 60 : 20;
  return {
    electionTicks,
    hungDiskTicks: Math.ceil(electionTicks * 2.5),
    maxAppendEntries: often(64, dice.between(1, 3)),
    maxAppendBytes: often(64 * 1024, 200),
    maxInflightAppends: often(32, 1),
    maxPartialAppends: often(4, 1),
    maxCachedBytes: often(1024 * 1024, 100),
    maxApplyEntries: often(64, 1),
    maxApplyingEntries: often(512, 2),
    maxUncommittedBytes: often(1024 * 1024, 2_000),
    checkpointEntries: dice.chance(0.4) ? dice.between(3, 20) : 200,
    trailingEntries: dice.chance(0.4) ? dice.between(0, 5) : 100,
    trailingBytes: often(1024 * 1024, dice.between(200, 5_000)),
    maxTrailingEntries: often(1_000, 10),
    snapshotChunkBytes: often(4_096, 400),
    snapshotBytesPerTick: often(64 * 1024, 800),
    maxSnapshotTransfers: often(2, 1),
    promotionLagEntries: 64,
    promotionRounds: 2,
    preferredHandoverTicks: dice.chance(0.3) ? 40 : 0,
    leaseReads: leases ? { driftPercent: 1 } : undefined,
  };
}

const shapes: readonly PartitionShape[] = ['halves', 'halves', 'one-way', 'isolate', 'bridge', 'random', 'swizzle'];
const promises: readonly PromiseKind[] = [
  'vote-request',
  'vote-answer',
  'vote-answer',
  'append-accepted',
  'append-accepted',
  'snapshot-progress',
];
const images: readonly CrashImage[] = ['lost', 'lost', 'kept', 'prefix'];

function drawFaults(dice: Dice, plan: Plan, leases: boolean): Fault[] {
  const faults: Fault[] = [];
  const target = (): Target => (dice.chance(0.35) ? 'leader' : dice.between(0, 6));
  const down = (): number => dice.magnitude(10, 15_000);
  const image = (): CrashImage => dice.pick(images);
  /** Adds faults of one family at random times, a drawn number of times per minute. */
  const family = (least: number, most: number, draw: (atMs: number) => Fault): void => {
    if (dice.chance(absence)) return;
    const meanMs = 60_000 / dice.magnitude(least, most);
    for (let at = dice.waiting(meanMs); at < plan.safetyMs; at += dice.waiting(meanMs)) faults.push(draw(at));
  };
  const size = plan.voters;
  family(0.3 * size, 4 * size, (atMs) => ({ kind: 'crash', atMs, target: target(), image: image(), downMs: down() }));
  family(1, 20, (atMs) => ({
    kind: 'crash-after-promise',
    atMs,
    target: target(),
    promise: dice.pick(promises),
    image: dice.chance(0.7) ? 'lost' : image(),
    downMs: dice.magnitude(10, 3_000),
  }));
  family(0.2, 2, (atMs) => ({ kind: 'crash-all', atMs, image: image(), downMs: dice.magnitude(10, 2_000) }));
  family(0.5, 6, (atMs) => ({
    kind: 'partition',
    atMs,
    shape: dice.pick(shapes),
    roll: dice.uint32(),
    forMs: dice.magnitude(200, 15_000),
  }));
  family(0.5, 8, (atMs) => ({
    kind: 'pause',
    atMs,
    // A lease must end while its holder sleeps.
    target: leases && dice.chance(0.5) ? 'leader' : target(),
    forMs: dice.magnitude(leases ? 1_000 : 50, leases ? 8_000 : 15_000),
    clockRuns: leases || dice.chance(0.7),
    deaf: dice.chance(leases ? 0.8 : 0.4),
  }));
  family(0.5, 4, (atMs) => ({
    kind: 'usurp',
    atMs,
    forMs: dice.magnitude(500, 6_000),
    orphans: dice.chance(0.5) ? dice.between(1, 100) : 0,
  }));
  family(0.3, 3, (atMs) => ({ kind: 'disk-stall', atMs, target: target(), forMs: dice.magnitude(500, 15_000) }));
  family(0.2, 2, (atMs) => ({ kind: 'write-error', atMs, target: target(), downMs: down() }));
  family(0.1, 1, (atMs) => ({ kind: 'disk-low', atMs, target: target(), forMs: dice.magnitude(500, 10_000) }));
  const harm = (atMs: number) => ({
    atMs,
    target: dice.between(0, 6),
    downMs: dice.magnitude(10, 3_000),
    decapitate: dice.chance(0.5),
  });
  family(0.2, 3, (atMs) => ({ kind: 'rot', ...harm(atMs) }));
  family(0.2, 1, (atMs) => ({ kind: 'wipe', ...harm(atMs) }));
  family(0.3, 4, (atMs) => ({ kind: 'transfer', atMs, to: dice.between(0, 6) }));
  drawMembership(dice, family, target);
  family(0.2, 6, (atMs) => ({
    kind: 'upgrade',
    atMs,
    target: dice.between(0, 6),
    // Seldom back to the old version.
    featureLevel: dice.chance(0.85) ? 2 : 1,
  }));
  if (plan.clocks.wallJumps) {
    family(1, 6, (atMs) => ({
      kind: 'wall-jump',
      atMs,
      target: target(),
      byMs: dice.pick([3.6e6, -3.6e6, 3e10, -3e10]),
    }));
  }
  return faults.sort((a, b) => a.atMs - b.atMs);
}

type Family = (least: number, most: number, draw: (atMs: number) => Fault) => void;

function drawMembership(dice: Dice, family: Family, target: () => Target): void {
  if (dice.chance(absence)) return;
  family(0.5, 4, (atMs) => ({ kind: 'add', atMs }));
  family(1, 8, (atMs) => ({ kind: 'promote', atMs }));
  family(0.3, 2, (atMs) => ({ kind: 'demote', atMs, target: target() }));
  family(0.3, 2, (atMs) => ({ kind: 'remove', atMs, target: target() }));
  family(0.5, 3, (atMs) => ({ kind: 'replace', atMs, target: target() }));
}

/** A plan of its own: followers lose acknowledged tails that only a steady leader can notice. */
function drawTailLosses(dice: Dice, safetyMs: number): Fault[] {
  const faults: Fault[] = [];
  for (let atMs = 3_000; atMs < safetyMs; atMs += dice.between(4_000, 9_000)) {
    faults.push({
      kind: 'lose-tail',
      atMs,
      target: dice.between(0, 6),
      entries: dice.between(1, 5),
      downMs: dice.magnitude(10, 600),
    });
  }
  return faults;
}
