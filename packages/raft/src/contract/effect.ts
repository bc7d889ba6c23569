import type { Configuration } from '../membership/configuration.ts';
import type { ChangeRefusal } from '../membership/membership-change.ts';
import type { Entry, ProposalId } from '../vocabulary/entry.ts';
import type { HardState } from '../vocabulary/hard-state.ts';
import type { LogIndex } from '../vocabulary/log-index.ts';
import type { MemberId } from '../vocabulary/member-id.ts';
import type { LogBase, SnapshotMeta } from '../vocabulary/snapshot.ts';
import type { Term } from '../vocabulary/term.ts';
import type { EntryReader } from './event.ts';
import type { Message, ProposalRefusal } from './message.ts';
import type { Notice } from './notice.ts';

/**
 * One atomic, synced write to log and hard state. Carried out strictly in order of `seq` (1, 2, 3 …); neighbours may be merged into
 * one synced batch. Within one write the order is: `install`, `base`, `truncateFrom`, `entries`, `hardState`. When it is durable the
 * shell says `persisted`; when it fails the process ends (rule 54).
 */
export interface Persist {
  readonly kind: 'persist';
  readonly seq: number;
  readonly hardState: HardState | undefined;
  /** Entries from here on are void. Never at or below the commit index. */
  readonly truncateFrom: LogIndex | undefined;
  /** Consecutive; the first follows what is left of the log. */
  readonly entries: readonly Entry[];
  /** The log now begins after `base.index`; entries up to there may be deleted at leisure, in slices. */
  readonly base: LogBase | undefined;
  /**
   * Replace the state machine's state by this staged snapshot and **all** of the log by its base, atomically (rule 49). Applies that
   * were ordered before and not yet finished are dropped.
   */
  readonly install: SnapshotMeta | undefined;
}

/**
 * A message, to be sent when everything up to `afterSeq` is durable (0: at once). Nothing is spoken before it is durable. A message
 * that waits dies with its process. Sending may lose, double, delay and reorder; the shell drops rather than queues. One that `mayWait` is
 * waited for by nobody: the shell may keep it back for some milliseconds, and forget it when a later append to the same peer tells as much.
 */
export interface Send {
  readonly kind: 'send';
  readonly message: Message;
  readonly afterSeq: number;
  readonly mayWait: boolean;
}

/** Committed and locally durable entries for the state machine, in order, each once per incarnation. The shell answers `applied`. */
export interface Apply {
  readonly kind: 'apply';
  readonly entries: readonly Entry[];
}

/**
 * What a member wants done. A step returns its effects in this order: at most one `persist`, the sends, and then the rest. They may
 * be carried out concurrently, but for the rules on `persist`, `send` and `apply` above.
 */
export type Effect =
  | Persist
  | Send
  | Apply
  /**
   * Read entries from the disk: those from `from` on, not beyond `to`, at most `maxBytes` of frames but at least one. One read per reader is
   * under way at a time. Answer: `entries-read`.
   */
  | {
      readonly kind: 'read-entries';
      readonly reader: EntryReader;
      readonly from: LogIndex;
      readonly to: LogIndex;
      readonly maxBytes: number;
    }
  /** Make the state durable up to `index` or further. Answer: `checkpointed`. One at a time. */
  | { readonly kind: 'checkpoint'; readonly index: LogIndex }
  /** Open a snapshot of the present state for this peer; its index must be at least `atLeast`. Answer: `snapshot-opened` or `-unavailable`. */
  | { readonly kind: 'open-snapshot'; readonly to: MemberId; readonly atLeast: LogIndex }
  /** Read bytes of an opened snapshot. Answer: `chunk-loaded`. */
  | {
      readonly kind: 'load-chunk';
      readonly to: MemberId;
      readonly snapshotId: number;
      readonly offset: number;
      readonly maxBytes: number;
    }
  /** The transfer to this peer is over, one way or the other. */
  | { readonly kind: 'close-snapshot'; readonly to: MemberId; readonly snapshotId: number }
  /**
   * Keep a piece of a snapshot that is being received; offset 0 throws away what was kept before. Answer: `chunk-stored`. The shell also keeps
   * `snapshot` beside it, so that a restart can resume (`StoredState.partialSnapshot`).
   */
  | {
      readonly kind: 'store-chunk';
      readonly snapshot: SnapshotMeta;
      readonly offset: number;
      readonly data: Uint8Array;
      readonly checksum: number;
      readonly last: boolean;
    }
  /** Verify the whole and make it durable aside. Answer: `snapshot-staged` or `snapshot-damaged`. */
  | { readonly kind: 'stage-snapshot'; readonly snapshot: SnapshotMeta }
  /** The staged or partial snapshot is of no use any more. */
  | { readonly kind: 'discard-snapshot'; readonly snapshotId: number }
  /** Serve these reads from one snapshot of the state, once it has applied `index` (rule 34). */
  | { readonly kind: 'read-ready'; readonly ids: readonly number[]; readonly index: LogIndex }
  /** Nothing was read; trying again is safe (rule 35). */
  | { readonly kind: 'read-failed'; readonly ids: readonly number[]; readonly reason: ReadFailure }
  /**
   * Not taken, see `ProposalRefusal`. `certain` when they never left this member; a forward may have been doubled on its way, and one copy
   * taken: then only a retry with the same id tells.
   */
  | {
      readonly kind: 'proposals-refused';
      readonly certain: boolean;
      readonly ids: readonly ProposalId[];
      readonly reason: ProposalRefusal;
      readonly leader: MemberId | undefined;
    }
  /** The change is in the log at `index`, in force, and not yet committed; or why it was refused. */
  | { readonly kind: 'membership-appended'; readonly id: number; readonly index: LogIndex }
  | { readonly kind: 'membership-refused'; readonly id: number; readonly refusal: ChangeRefusal }
  /** A transfer asked for, or begun by the leader itself, is over. */
  | {
      readonly kind: 'transfer-ended';
      readonly to: MemberId;
      readonly outcome: TransferOutcome;
      readonly message: string;
    }
  /** Who leads, as far as known here. Comes whenever role, term or leader have changed. */
  | {
      readonly kind: 'role-changed';
      readonly role: RoleKind;
      readonly term: Term;
      readonly leader: MemberId | undefined;
    }
  /** The configuration in force, or what is known of it, has changed: connect to its members. May be taken back while not `committed`. */
  | {
      readonly kind: 'configuration-changed';
      readonly configuration: Configuration;
      readonly index: LogIndex;
      readonly committed: boolean;
    }
  /** For logs, metrics and probes. Nothing depends on it. */
  | { readonly kind: 'notice'; readonly notice: Notice };

export type EffectKind = Effect['kind'];

/**
 * - `handed-over`: a newer term began; usually the target's.
 * - `timed-out`: the target did not take over within an election timeout; proposals are accepted again.
 * - `aborted`: the target left the voters, or this member stopped leading otherwise.
 * - `refused`: it was not begun.
 */
export type TransferOutcome = 'handed-over' | 'timed-out' | 'aborted' | 'refused';

export type RoleKind = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

/**
 * - `no-leader`: none is known, or none answered for an election timeout.
 * - `leader-changed`: the reign under which it was asked has ended.
 * - `busy`: more than `maxPendingReads` are waiting.
 */
export type ReadFailure = 'no-leader' | 'leader-changed' | 'busy';
