import type { LogIndex } from '../vocabulary/log-index.ts';
import type { MemberId } from '../vocabulary/member-id.ts';

/** A read that a follower asked for. */
export interface RemoteRead {
  readonly from: MemberId;
  readonly token: number;
  readonly requester: number;
}

export interface ReadBatch {
  readonly ids: number[];
  readonly remote: RemoteRead[];
}

/** Reads that one heartbeat round confirms. */
export interface ReadRound {
  readonly round: number;
  readonly index: LogIndex;
  readonly batch: ReadBatch;
}

/** The reads a leader has promised to look after. */
export interface LeaderReads {
  /** Arrived after the last round started: they need a round of their own (rule 32). */
  waiting: ReadBatch;
  /** Ascending by round. */
  rounds: ReadRound[];
  /** Reads in all of the above. */
  count: number;
  /** When which round started, in ticks of the reign; kept for lease reads only. */
  readonly roundStarts: { readonly round: number; readonly tick: number }[];
  /** Start of the youngest round that a quorum has answered. */
  leaseFrom: number | undefined;
  /** A target was told to campaign although it knows a leader: no lease holds any more in this reign (rule 36). */
  leaseRevoked: boolean;
}

export function newLeaderReads(): LeaderReads {
  return {
    waiting: { ids: [], remote: [] },
    rounds: [],
    count: 0,
    roundStarts: [],
    leaseFrom: undefined,
    leaseRevoked: false,
  };
}
