import type { Checksum } from '../vocabulary/entry-frame.ts';
import type { MemberId } from '../vocabulary/member-id.ts';

/** How a member behaves. Timeouts must be equal on all members of a cluster. */
export interface RaftOptions {
  readonly id: MemberId;
  /** Counts the starts of processes on this data directory, from 1; durable before the first message is sent. */
  readonly incarnation: number;
  /** Of the jitter in election timeouts; different on each member. Any 32-bit number. */
  readonly seed: number;
  readonly checksum: Checksum;
  /** T: a voter without news of a leader campaigns after [T, 2T) ticks; a leader without a majority for T steps down. Default 20. */
  readonly electionTicks: number;
  /** Ticks between heartbeats. Default 2. */
  readonly heartbeatTicks: number;
  /** A tick event with more than this many elapsed ticks is a stall. Default 3. */
  readonly stallTicks: number;
  /** Oldest unfinished write at which the disk counts as hung (rule 58). Default 2.5 T. */
  readonly hungDiskTicks: number;
  /** Limits of one append message; one entry always fits. Default 256 KiB, 1024. */
  readonly maxAppendBytes: number;
  readonly maxAppendEntries: number;
  /** Limits of appends under way per peer. Default 64, 8 MiB. */
  readonly maxInflightAppends: number;
  readonly maxInflightBytes: number;
  /** With so many appends under way to a near peer, entries wait until one is acknowledged, or until they fill an append. Default 2. */
  readonly maxPartialAppends: number;
  /** Proposals above this are refused as `too-large`. Default 1.5 MiB. */
  readonly maxProposalBytes: number;
  /** Bound on appended but uncommitted bytes of the leader; beyond it proposals are refused as `busy`. Default 16 MiB. */
  readonly maxUncommittedBytes: number;
  /** Bound on reads waiting for confirmation. Default 10,000. */
  readonly maxPendingReads: number;
  /** Durable and committed entries kept in memory for slow peers. Default 16 MiB. */
  readonly maxCachedBytes: number;
  /** Limits of entries handed to the state machine and not yet applied. Default 4096, 8 MiB. */
  readonly maxApplyingEntries: number;
  readonly maxApplyingBytes: number;
  /** Limits of one apply effect. Default 256, 1 MiB. */
  readonly maxApplyEntries: number;
  readonly maxApplyBytes: number;
  /** A checkpoint is asked for after this much new log, whichever comes first. Default 10,000 entries, 64 MiB. */
  readonly checkpointEntries: number;
  readonly checkpointBytes: number;
  /** Entries kept behind a checkpoint for followers that lag a little: so many, or the checkpoints that hold so many bytes. Default 5,000, 64 MiB. */
  readonly trailingEntries: number;
  readonly trailingBytes: number;
  /** The most entries a leader keeps for a live peer that lags more; up to 16 times as many for one whose snapshots are outdated before they arrive. Default 100,000. */
  readonly maxTrailingEntries: number;
  /** Default 1 MiB. */
  readonly snapshotChunkBytes: number;
  /** Snapshots sent at the same time, over all peers. Default 2. */
  readonly maxSnapshotTransfers: number;
  /** Bytes of snapshots sent per tick, over all peers. Default 16 MiB. */
  readonly snapshotBytesPerTick: number;
  /** A learner may be promoted when it lagged at most this many entries for this many heartbeat rounds on end. Default 256, 5. */
  readonly promotionLagEntries: number;
  readonly promotionRounds: number;
  /** A leader that is not preferred hands over to a preferred voter that was sound for this long; 0 never. Default 0 (60 T is reasonable). */
  readonly preferredHandoverTicks: number;
  /** Highest feature level this version can apply. Default 1. */
  readonly supportedFeatureLevel: number;
  /**
   * Opt-in: the leader answers reads from its lease without asking (rule 36). Only where every clock's rate is off by less than `driftPercent` and
   * includes suspended time. Must be equal on all members. Default: off.
   */
  readonly leaseReads: { readonly driftPercent: number } | undefined;
}

/** What must be said; the rest has defaults. */
export type RequiredOptions = Pick<RaftOptions, 'id' | 'incarnation' | 'seed' | 'checksum'>;

const KiB = 1024;
const MiB = 1024 * KiB;

/** Completes and checks options; throws a RangeError that names the option. */
export function raftOptions(given: RequiredOptions & Partial<RaftOptions>): RaftOptions {
  const electionTicks = given.electionTicks ?? 20;
  const options: RaftOptions = {
    electionTicks,
    heartbeatTicks: 2,
    stallTicks: 3,
    hungDiskTicks: Math.ceil(electionTicks * 2.5),
    maxAppendBytes: 256 * KiB,
    maxAppendEntries: 1024,
    maxInflightAppends: 64,
    maxInflightBytes: 8 * MiB,
    maxPartialAppends: 2,
    maxProposalBytes: 1.5 * MiB,
    maxUncommittedBytes: 16 * MiB,
    maxPendingReads: 10_000,
    maxCachedBytes: 16 * MiB,
    maxApplyingEntries: 4096,
    maxApplyingBytes: 8 * MiB,
    maxApplyEntries: 256,
    maxApplyBytes: MiB,
    checkpointEntries: 10_000,
    checkpointBytes: 64 * MiB,
    trailingEntries: 5_000,
    trailingBytes: 64 * MiB,
    maxTrailingEntries: 100_000,
    snapshotChunkBytes: MiB,
    maxSnapshotTransfers: 2,
    snapshotBytesPerTick: 16 * MiB,
    promotionLagEntries: 256,
    promotionRounds: 5,
    preferredHandoverTicks: 0,
    supportedFeatureLevel: 1,
    leaseReads: undefined,
    ...given,
  };
  checkOptions(options);
  return options;
}

const mayBeZero: ReadonlySet<string> = new Set([
  'seed',
  'preferredHandoverTicks',
  'trailingEntries',
  'supportedFeatureLevel',
]);

function checkOptions(options: RaftOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (typeof value !== 'number') continue;
    const least = mayBeZero.has(name) ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < least) {
      throw new RangeError(`option ${name} must be a whole number >= ${least}, got ${value}`);
    }
  }
  if (options.electionTicks < 3 * options.heartbeatTicks) {
    throw new RangeError(
      `option electionTicks must be at least 3 heartbeats (${3 * options.heartbeatTicks}), got ${options.electionTicks}`,
    );
  }
  const drift = options.leaseReads?.driftPercent;
  if (drift !== undefined && !(drift >= 0 && drift < 50)) {
    throw new RangeError(`option leaseReads.driftPercent must be in [0, 50), got ${drift}`);
  }
}
