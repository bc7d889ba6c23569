import type { RoleKind } from '../contract/effect.ts';
import type { LogIndex } from '../vocabulary/log-index.ts';
import type { MemberId } from '../vocabulary/member-id.ts';
import type { LeaderReads } from './leader-reads.ts';
import type { Progress } from './progress.ts';

export interface Follower {
  readonly kind: 'follower';
  readonly leader: MemberId | undefined;
}

/** Asks whether a candidacy could succeed, without changing anything. Has forgotten the old leader (rule 8). */
export interface PreCandidate {
  readonly kind: 'pre-candidate';
  readonly votes: Map<MemberId, boolean>;
}

export interface Candidate {
  readonly kind: 'candidate';
  readonly votes: Map<MemberId, boolean>;
  /** Write after which the own vote counts (rule 2). */
  readonly ownVoteSeq: number;
}

export interface Leader {
  readonly kind: 'leader';
  /** The empty entry that opened the reign: once it is committed, everything before is too. */
  readonly firstIndex: LogIndex;
  /** All other members of the configuration in force. */
  readonly progress: Map<MemberId, Progress>;
  /** Members that a change not yet final has removed. */
  readonly departed: Set<MemberId>;
  readonly reads: LeaderReads;
  /** Bytes of own entries that are not yet committed. */
  uncommittedBytes: number;
  /** Latest heartbeat round started. */
  round: number;
  heartbeatElapsed: number;
  /** Ticks since the quorum was last checked. */
  quorumElapsed: number;
  transfer: Transfer | undefined;
  /** Bytes of snapshots that may still be sent in this tick. */
  snapshotBudget: number;
  /** How long a preferred voter has been fit to take over. */
  readonly handover: { candidate: MemberId | undefined; ticks: number };
  /** Ticks since the reign began, all of them. */
  reignTicks: number;
  /** Reign tick of the last transfer that was meant to raise the term for a quarantined voter. */
  renewedAt: number;
}

export interface Transfer {
  readonly to: MemberId;
  elapsed: number;
  /** `campaign-now` was sent. */
  sent: boolean;
}

export type Role = Follower | PreCandidate | Candidate | Leader;

/** Every change of role there is. Anything else is a broken invariant. */
export const roleTransitions: Readonly<Record<RoleKind, readonly RoleKind[]>> = {
  follower: ['follower', 'pre-candidate', 'candidate'],
  'pre-candidate': ['follower', 'pre-candidate', 'candidate'],
  candidate: ['follower', 'pre-candidate', 'leader'],
  leader: ['follower'],
};
