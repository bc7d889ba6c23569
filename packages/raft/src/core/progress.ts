import type { LogIndex } from '../vocabulary/log-index.ts';
import { beforeLog, indexAfter } from '../vocabulary/log-index.ts';
import type { MemberId } from '../vocabulary/member-id.ts';
import { InflightWindow } from './inflight-window.ts';

/**
 * How a leader sends to one peer.
 * - `probe`: it does not know where the logs part; one append at a time, the next one after an answer.
 * - `replicate`: a pipeline, bounded by the window.
 * - `snapshot`: the entries the peer needs are gone; nothing is appended until a snapshot is installed there.
 */
export type Flow =
  | { readonly kind: 'probe'; paused: boolean }
  | { readonly kind: 'replicate'; readonly window: InflightWindow }
  | SnapshotFlow;

export interface SnapshotFlow {
  readonly kind: 'snapshot';
  /** `queued`: others are being served; `opening`: the shell is asked; `offered` and `sending`: the peer, or the shell for the next chunk. */
  phase: 'queued' | 'opening' | 'offered' | 'sending';
  snapshotId: number;
  index: LogIndex;
  /** Where the chunk under way, or the next one, begins. */
  offset: number;
  /** Waiting for the budget of the next tick. */
  starved: boolean;
  /** Ticks since something moved. */
  idleTicks: number;
}

/** What a leader knows of one other member. Invariant: match < next. */
export interface Progress {
  readonly id: MemberId;
  /** Highest index known to equal ours and to be durable there, as its present incarnation said. Never falls within one (rule 22). */
  match: LogIndex;
  /** First index not yet sent. */
  next: LogIndex;
  flow: Flow;
  /** Process that spoke last; 0 before the first message. */
  incarnation: number;
  /** Highest match of its earlier incarnations in this term: it must still hold this (rule 23). */
  promised: LogIndex;
  /** It does not: told with every heartbeat until it answers as quarantined. */
  lostPromise: boolean;
  /** Nothing it says counts for a quorum. */
  quarantined: boolean;
  diskLow: boolean;
  /** Undefined until its present incarnation answered a heartbeat. */
  supportedFeatureLevel: number | undefined;
  /** Latest heartbeat round it answered. */
  ackedRound: number;
  /** Ticks since it answered this leader. */
  contactTicks: number;
  /** The transport has lost it, and it has not been heard from since: a hint, which no promise rests on. */
  lost: boolean;
  /** It answered this leader since the last check of the quorum. */
  heard: boolean;
  /** Commit index it was last told. */
  toldCommit: LogIndex;
  /** Somebody there waits until everything up to here is known to be committed: it forwarded the entry, or reads. */
  awaited: LogIndex;
  /** The shell says that an answer of it takes next to no time. */
  near: boolean;
  /** Snapshots that the log outran before they had arrived, since it last was close behind; at most four. */
  outdatedSnapshots: number;
  /** The disk was asked for entries. */
  reading: boolean;
  /** Match when it last answered a heartbeat: no progress since then hints at a lost tail of the pipeline. */
  matchAtHeartbeat: LogIndex;
  /** Heartbeat rounds on end in which it was close behind (rule 41). */
  closeRounds: number;
}

export function newProgress(id: MemberId, incarnation: number, next: LogIndex): Progress {
  return {
    id,
    match: beforeLog,
    next,
    flow: { kind: 'probe', paused: false },
    incarnation,
    promised: beforeLog,
    lostPromise: false,
    quarantined: false,
    diskLow: false,
    supportedFeatureLevel: undefined,
    ackedRound: 0,
    contactTicks: 0,
    lost: false,
    heard: false,
    toldCommit: beforeLog,
    awaited: beforeLog,
    near: false,
    outdatedSnapshots: 0,
    reading: false,
    matchAtHeartbeat: beforeLog,
    closeRounds: 0,
  };
}

export function becomeProbe(progress: Progress): void {
  progress.flow = { kind: 'probe', paused: false };
  progress.next = indexAfter(progress.match);
}

export function becomeReplicate(progress: Progress, maxAppends: number, maxBytes: number): void {
  progress.flow = { kind: 'replicate', window: new InflightWindow(maxAppends, maxBytes) };
  progress.next = indexAfter(progress.match);
}
