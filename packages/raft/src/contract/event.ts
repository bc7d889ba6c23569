import type { MembershipChange } from '../membership/membership-change.ts';
import type { Entry, Proposal } from '../vocabulary/entry.ts';
import type { LogIndex } from '../vocabulary/log-index.ts';
import type { MemberId } from '../vocabulary/member-id.ts';
import type { Message } from './message.ts';

/** For whom entries are read back from the disk: a peer that lags, or the state machine. */
export type EntryReader = MemberId | 'apply';

/** Everything that can happen to a member. Events are delivered one at a time, to the end. */
export type Event =
  /**
   * Time passed. `elapsedTicks` is 1 in normal operation, more after a stall, counting all time on a clock that includes
   * suspension. A shell that notices a gap of more than `stallTicks` lets waiting messages in first (two rounds of its event loop)
   * and then delivers **one** such event: elections see one tick, everything that expires sees all of them.
   */
  | { readonly kind: 'tick'; readonly elapsedTicks: number }
  /** From a peer, decoded and after its handshake was checked. May be late, doubled or out of order. */
  | { readonly kind: 'message'; readonly message: Message }
  /** The persist effects up to and including `seq` are durable. */
  | { readonly kind: 'persisted'; readonly seq: number }
  /** The state machine has applied everything up to `index`. */
  | { readonly kind: 'applied'; readonly index: LogIndex }
  /** The state machine's state is durable at least up to `index`: the log before may go. Answers `checkpoint`. */
  | { readonly kind: 'checkpointed'; readonly index: LogIndex }
  /** Answers `read-entries`: consecutive, the first one as asked for, at least one. */
  | { readonly kind: 'entries-read'; readonly reader: EntryReader; readonly entries: readonly Entry[] }
  /** Answers `open-snapshot`: the shell holds a readable snapshot of the state at `index` until `close-snapshot`. */
  | {
      readonly kind: 'snapshot-opened';
      readonly to: MemberId;
      readonly snapshotId: number;
      readonly index: LogIndex;
    }
  /** Answers `open-snapshot`: not now. The core asks again after an election timeout. */
  | { readonly kind: 'snapshot-unavailable'; readonly to: MemberId }
  /** Answers `load-chunk`. */
  | {
      readonly kind: 'chunk-loaded';
      readonly to: MemberId;
      readonly snapshotId: number;
      readonly offset: number;
      readonly data: Uint8Array;
      readonly checksum: number;
      readonly last: boolean;
    }
  /** Answers `store-chunk`: durable enough to resume from `nextOffset` (which stays at the old one when the checksum was wrong). */
  | { readonly kind: 'chunk-stored'; readonly snapshotId: number; readonly nextOffset: number }
  /** Answers `stage-snapshot`: complete, verified, durable in a side location. */
  | { readonly kind: 'snapshot-staged'; readonly snapshotId: number }
  /** Answers `stage-snapshot`: the whole does not verify; the partial copy is gone. */
  | { readonly kind: 'snapshot-damaged'; readonly snapshotId: number }
  /** Put these into the log, wherever the leader is. Batch what arrived together. */
  | { readonly kind: 'propose'; readonly proposals: readonly Proposal[] }
  /**
   * A linearizable read arrived here. `id` is the caller's, and may repeat; it only leads the answer back.
   * `elapsedTicks`: whole ticks since the last `tick` event, normally 0; looked at by lease reads only.
   */
  | { readonly kind: 'read'; readonly id: number; readonly elapsedTicks: number }
  /** Change the membership; only on the leader. Several changes in one event happen together (a joint change). */
  | { readonly kind: 'change-membership'; readonly id: number; readonly changes: readonly MembershipChange[] }
  /** Hand the leadership over; only on the leader. */
  | { readonly kind: 'transfer'; readonly to: MemberId }
  /** The transport lost the peer: a connection was refused or reset. A hint, never a proof. */
  | { readonly kind: 'peer-down'; readonly peer: MemberId }
  /**
   * Whether messages to the peer and their answers take so little time that it is worth waiting for an answer to send more at once. A hint: tell it now and
   * then; until it is told a peer is taken for far.
   */
  | { readonly kind: 'peer-near'; readonly peer: MemberId; readonly near: boolean }
  /** Free space went below, or came back above, the reserve (rule 55). */
  | { readonly kind: 'disk-space'; readonly low: boolean };

export type EventKind = Event['kind'];
