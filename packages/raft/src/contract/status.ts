import type { Configuration } from '../membership/configuration.ts';
import type { LogIndex } from '../vocabulary/log-index.ts';
import type { MemberId } from '../vocabulary/member-id.ts';
import type { Term } from '../vocabulary/term.ts';
import type { RoleKind } from './effect.ts';

/** A picture of a member for metrics and operators (rule list of raft metrics, 2.9). */
export interface RaftStatus {
  readonly id: MemberId;
  readonly role: RoleKind;
  readonly term: Term;
  readonly vote: MemberId | undefined;
  readonly leader: MemberId | undefined;
  readonly commitIndex: LogIndex;
  readonly appliedIndex: LogIndex;
  readonly durableIndex: LogIndex;
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
  /** The log begins after this one. */
  readonly baseIndex: LogIndex;
  readonly cachedBytes: number;
  readonly configuration: Configuration;
  readonly configurationIndex: LogIndex;
  readonly configurationCommitted: boolean;
  readonly featureLevel: number;
  readonly quarantinedUpTo: Term | undefined;
  readonly halted: string | undefined;
  readonly removed: boolean;
  readonly diskHung: boolean;
  readonly diskLow: boolean;
  readonly pendingReads: number;
  /** Ticks since a leader was heard from; 0 on the leader. */
  readonly leaderContactTicks: number;
  /** Bytes appended and not yet committed; 0 on others than the leader. */
  readonly uncommittedBytes: number;
  readonly transferee: MemberId | undefined;
  /** On the leader: one per other member, ascending by id. */
  readonly peers: readonly PeerStatus[];
}

export interface PeerStatus {
  readonly id: MemberId;
  readonly state: 'probe' | 'replicate' | 'snapshot';
  readonly match: LogIndex;
  readonly next: LogIndex;
  readonly inflightAppends: number;
  readonly inflightBytes: number;
  readonly contactTicks: number;
  readonly quarantined: boolean;
  readonly diskLow: boolean;
  /** Of the snapshot being sent. */
  readonly snapshotOffset: number | undefined;
  /** Meets the rule for promotion (41). */
  readonly caughtUp: boolean;
}
