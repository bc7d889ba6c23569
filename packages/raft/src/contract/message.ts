import type { Entry, Proposal, ProposalId } from '../vocabulary/entry.ts';
import type { LogIndex } from '../vocabulary/log-index.ts';
import type { MemberId } from '../vocabulary/member-id.ts';
import type { SnapshotMeta } from '../vocabulary/snapshot.ts';
import type { Term } from '../vocabulary/term.ts';

/** On every message. */
interface Envelope {
  readonly from: MemberId;
  readonly to: MemberId;
  /** Of the sender's process: a message of an earlier incarnation than one already heard from is dropped (rule 23). */
  readonly incarnation: number;
  /** The sender's term, also on pre-vote requests (which ask about the term after it). */
  readonly term: Term;
}

/** What every answer of a follower says about itself. */
interface Standing {
  /** It may have forgotten promises: nothing it says counts for a quorum. */
  readonly quarantined: boolean;
}

/** Would you vote for me in `term + 1`? Changes nothing at the receiver (rule 8). */
export interface PreVoteRequest extends Envelope {
  readonly kind: 'pre-vote-request';
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
}

export interface PreVoteAnswer extends Envelope {
  readonly kind: 'pre-vote-answer';
  /** The term asked about: one above the request's. */
  readonly candidacy: Term;
  readonly granted: boolean;
}

export interface VoteRequest extends Envelope {
  readonly kind: 'vote-request';
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
  /** The leader itself asked for this candidacy: voters grant although they know a leader (rule 14). */
  readonly transfer: boolean;
}

/** A promise when granted. */
export interface VoteAnswer extends Envelope {
  readonly kind: 'vote-answer';
  readonly granted: boolean;
}

/** Entries `previousIndex + 1` and on; with none of them, a probe. */
export interface Append extends Envelope {
  readonly kind: 'append';
  readonly previousIndex: LogIndex;
  readonly previousTerm: Term;
  readonly commit: LogIndex;
  readonly entries: readonly Entry[];
}

/** A promise: everything up to `matchIndex` equals the leader's log and is durable here. */
export interface AppendAccepted extends Envelope, Standing {
  readonly kind: 'append-accepted';
  readonly matchIndex: LogIndex;
  /** End of the sender's log, for finding out that it lost something. */
  readonly lastIndex: LogIndex;
}

/** How far everything is decided, for a peer that holds all it was sent. Nobody waits for an answer, so there is none: a lost one is made good by the next heartbeat. */
export interface CommitNotice extends Envelope {
  readonly kind: 'commit-notice';
  readonly commit: LogIndex;
}

export interface AppendRejected extends Envelope, Standing {
  readonly kind: 'append-rejected';
  /** `previousIndex` of the append this answers. */
  readonly rejectedIndex: LogIndex;
  /** Highest index that may still match, with the term it has here (rule 30). */
  readonly hintIndex: LogIndex;
  readonly hintTerm: Term;
  readonly lastIndex: LogIndex;
}

export interface Heartbeat extends Envelope {
  readonly kind: 'heartbeat';
  /** Never beyond what the receiver is known to hold. */
  readonly commit: LogIndex;
  /** Counts the rounds of this leader in this term, from 1; its answers confirm reads (rule 32). */
  readonly round: number;
  /** The receiver once acknowledged more than it holds now: it must go into quarantine (rule 23). */
  readonly lostPromise: boolean;
}

export interface HeartbeatAnswer extends Envelope, Standing {
  readonly kind: 'heartbeat-answer';
  readonly round: number;
  /** Highest feature level this member can apply. */
  readonly supportedFeatureLevel: number;
  readonly diskLow: boolean;
}

export interface SnapshotOffer extends Envelope {
  readonly kind: 'snapshot-offer';
  readonly snapshot: SnapshotMeta;
}

export interface SnapshotChunk extends Envelope {
  readonly kind: 'snapshot-chunk';
  readonly snapshotId: number;
  readonly offset: number;
  readonly data: Uint8Array;
  /** Of `data`. */
  readonly checksum: number;
  readonly last: boolean;
}

export interface SnapshotProgress extends Envelope, Standing {
  readonly kind: 'snapshot-progress';
  readonly snapshotId: number;
  /**
   * - `continue`: the next chunk wanted begins at `nextOffset`.
   * - `installed`: a promise: the snapshot and all before it are durable here.
   * - `unneeded`: the log here already reaches `matchIndex` (rule 50).
   */
  readonly status: 'continue' | 'installed' | 'unneeded';
  readonly nextOffset: number;
  readonly matchIndex: LogIndex;
}

/** A follower asks for a read index on behalf of its readers. */
export interface ReadRequest extends Envelope {
  readonly kind: 'read-request';
  /** Chosen by the asking incarnation; only leads the answer back, never confirms anything. */
  readonly token: number;
}

export interface ReadAnswer extends Envelope {
  readonly kind: 'read-answer';
  readonly token: number;
  /** The incarnation that asked. */
  readonly requester: number;
  /** Undefined when the leader could not confirm; ask again. */
  readonly index: LogIndex | undefined;
}

export interface Forward extends Envelope {
  readonly kind: 'forward';
  readonly proposals: readonly Proposal[];
}

export interface ForwardRefused extends Envelope {
  readonly kind: 'forward-refused';
  readonly ids: readonly ProposalId[];
  readonly reason: ProposalRefusal;
}

/** Transfer of leadership: campaign now, without a pre-vote. */
export interface CampaignNow extends Envelope {
  readonly kind: 'campaign-now';
}

/** Answer to a leader or candidate of an older term, so that the terms converge (rule 9). */
export interface NewerTerm extends Envelope {
  readonly kind: 'newer-term';
}

/** Answer to a member that is not in the configuration committed at `configurationIndex` (rule 43). */
export interface Removed extends Envelope {
  readonly kind: 'removed';
  readonly configurationIndex: LogIndex;
}

export type Message =
  | PreVoteRequest
  | PreVoteAnswer
  | VoteRequest
  | VoteAnswer
  | Append
  | AppendAccepted
  | AppendRejected
  | CommitNotice
  | Heartbeat
  | HeartbeatAnswer
  | SnapshotOffer
  | SnapshotChunk
  | SnapshotProgress
  | ReadRequest
  | ReadAnswer
  | Forward
  | ForwardRefused
  | CampaignNow
  | NewerTerm
  | Removed;

export type MessageKind = Message['kind'];

/**
 * Why a proposal was **not** put into the log by the member that answers.
 * - `no-leader`: none is known here.
 * - `not-leader`: it was forwarded to one who no longer leads.
 * - `busy`: too many uncommitted bytes; try again later (rule 68).
 * - `too-large`: above `maxProposalBytes`.
 * - `disk-full`: the disk of the leader or of a quorum is low.
 * - `transferring`: leadership is being handed over.
 */
export type ProposalRefusal = 'no-leader' | 'not-leader' | 'busy' | 'too-large' | 'disk-full' | 'transferring';

/** Which of the three connections to a peer carries a message: bulk never delays a heartbeat. */
export type Channel = 'urgent' | 'log' | 'snapshot';

const channels: Readonly<Record<MessageKind, Channel>> = {
  'pre-vote-request': 'urgent',
  'pre-vote-answer': 'urgent',
  'vote-request': 'urgent',
  'vote-answer': 'urgent',
  append: 'log',
  'append-accepted': 'log',
  'append-rejected': 'log',
  'commit-notice': 'log',
  heartbeat: 'urgent',
  'heartbeat-answer': 'urgent',
  'snapshot-offer': 'snapshot',
  'snapshot-chunk': 'snapshot',
  'snapshot-progress': 'snapshot',
  'read-request': 'urgent',
  'read-answer': 'urgent',
  forward: 'log',
  'forward-refused': 'log',
  'campaign-now': 'urgent',
  'newer-term': 'urgent',
  removed: 'urgent',
};

export function channelOf(message: Message): Channel {
  return channels[message.kind];
}
