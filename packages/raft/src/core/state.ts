import type { RoleKind } from '../contract/effect.ts';
import type { RaftOptions } from '../contract/options.ts';
import type { StoredState } from '../contract/stored-state.ts';
import { levelTooHigh } from '../log/feature-level.ts';
import { PersistQueue } from '../log/persist-queue.ts';
import { RaftLog } from '../log/raft-log.ts';
import type { HardState } from '../vocabulary/hard-state.ts';
import { beforeLog, type LogIndex } from '../vocabulary/log-index.ts';
import type { MemberId } from '../vocabulary/member-id.ts';
import type { SnapshotMeta } from '../vocabulary/snapshot.ts';
import type { Term } from '../vocabulary/term.ts';
import { drawElectionTimeout } from './election-timeout.ts';
import { newOutbox, type Outbox } from './outbox.ts';
import type { Role } from './role.ts';

/**
 * One member. Owned by `step`, which changes it in place: nobody else may write to it, and what is of interest is read by `inspect`.
 * Equal options, equal stored state and equal events give equal effects.
 */
export interface RaftState {
  readonly options: RaftOptions;
  readonly log: RaftLog;
  readonly disk: PersistQueue;
  /** What the step under way wants done. */
  readonly outbox: Outbox;
  /** Youngest incarnation heard of, per peer. */
  readonly incarnations: Map<MemberId, number>;
  /** Reads asked of the leader. */
  readonly asked: AskedReads;
  readonly applying: Applying;
  hardState: HardState;
  /** Write that makes the present hard state durable. */
  hardStateSeq: number;
  role: Role;
  /** State of the generator of election timeouts. */
  random: number;
  /** Ticks since the election timer was reset; a stall counts as one (rule 4.5.2). */
  electionElapsed: number;
  electionTimeout: number;
  /** Ticks since a leader was heard from, all of them. */
  leaderContactTicks: number;
  /** Ticks since the start, all of them. */
  upTicks: number;
  /** How far the log is known to equal that of the leader of `term`; learned by this process. */
  matched: { readonly term: Term; readonly index: LogIndex };
  /** Why nothing more is applied. */
  halted: string | undefined;
  removed: boolean;
  diskLow: boolean;
  diskHung: boolean;
  receiving: Receiving | undefined;
  /** Latest configuration entry whose commitment was reported. */
  reportedCommitted: LogIndex;
  /** What the shell was last told. */
  announced: { readonly role: RoleKind; readonly term: Term; readonly leader: MemberId | undefined };
}

/** A snapshot on its way in. */
export interface Receiving {
  readonly snapshot: SnapshotMeta;
  readonly from: MemberId | undefined;
  nextOffset: number;
  phase: 'receiving' | 'storing' | 'staging';
  /** The chunk being stored. */
  storing: { readonly end: number; readonly last: boolean } | undefined;
}

/** Reads of this member's clients that wait for the leader's answer. */
export interface AskedReads {
  /** Arrived after the request under way was sent. */
  waiting: number[];
  underWay: { readonly token: number; readonly ids: readonly number[]; ticks: number } | undefined;
  nextToken: number;
}

/** Entries on their way through the state machine. */
export interface Applying {
  /** Slices handed over and not yet reported, oldest first. */
  readonly slices: { readonly lastIndex: LogIndex; readonly bytes: number; readonly entries: number }[];
  entries: number;
  bytes: number;
  /** The disk was asked for entries to apply. */
  reading: boolean;
  /** Since the last checkpoint. */
  bytesSinceCheckpoint: number;
  checkpointIndex: LogIndex;
  checkpointPending: boolean;
  /** Checkpoints that were asked for, oldest first; older ones than the trailing bytes need are forgotten. */
  readonly marks: CheckpointMark[];
}

export interface CheckpointMark {
  readonly index: LogIndex;
  /** Of the entries since the one before. */
  readonly bytes: number;
}

/** A member as it comes up: a follower that knows no leader. */
export function createRaft(options: RaftOptions, stored: StoredState): RaftState {
  checkStored(stored);
  const log = new RaftLog(stored.base, stored.log, stored.applied);
  const quarantinedUpTo = stored.promiseLost ? stored.hardState.term : stored.hardState.quarantinedUpTo;
  const outbox = newOutbox();
  outbox.hardStateChanged = stored.promiseLost;
  const partial = stored.partialSnapshot;
  const state: RaftState = {
    options,
    log,
    disk: new PersistQueue(stored.log.lastIndex),
    outbox,
    incarnations: new Map(),
    asked: { waiting: [], underWay: undefined, nextToken: 1 },
    applying: newApplying(stored.base.index),
    hardState: { ...stored.hardState, quarantinedUpTo },
    hardStateSeq: 0,
    role: { kind: 'follower', leader: undefined },
    random: options.seed >>> 0,
    electionElapsed: 0,
    electionTimeout: 0,
    leaderContactTicks: options.electionTicks,
    upTicks: 0,
    matched: { term: stored.hardState.term, index: beforeLog },
    halted: undefined,
    removed: false,
    diskLow: false,
    diskHung: false,
    receiving:
      partial === undefined
        ? undefined
        : {
            snapshot: partial.snapshot,
            from: undefined,
            nextOffset: partial.nextOffset,
            phase: 'receiving',
            storing: undefined,
          },
    reportedCommitted: log.committedConfiguration.index,
    announced: { role: 'follower', term: stored.hardState.term, leader: undefined },
  };
  haltAtHigherLevel(state);
  if (stored.promiseLost) {
    outbox.rest.push({ kind: 'notice', notice: { kind: 'quarantine-entered', upTo: stored.hardState.term } });
  }
  drawElectionTimeout(state);
  return state;
}

function newApplying(checkpointIndex: LogIndex): Applying {
  return {
    slices: [],
    entries: 0,
    bytes: 0,
    reading: false,
    bytesSinceCheckpoint: 0,
    checkpointIndex,
    checkpointPending: false,
    marks: [],
  };
}

/** An older program on the data of a newer one: what follows the state is not for it to apply (rule 70). */
function haltAtHigherLevel(state: RaftState): void {
  const { index, featureLevel } = state.log.baseAt(state.log.appliedIndex);
  const reason = levelTooHigh(`the state here is of feature level ${featureLevel}`, featureLevel, state.options);
  if (reason === undefined) return;
  state.halted = reason;
  state.outbox.rest.push({ kind: 'notice', notice: { kind: 'halted', index, reason } });
}

/** A shell that hands over what it should have quarantined or repaired is broken (rule 56). */
function checkStored(stored: StoredState): void {
  const { base, log, applied, hardState } = stored;
  if (applied < base.index) throw new RangeError(`applied index ${applied} lies before the log's base ${base.index}`);
  if (applied > log.lastIndex)
    throw new RangeError(`applied index ${applied} lies beyond the log's end ${log.lastIndex}`);
  const lastTerm = log.termRuns.at(-1)?.term ?? base.term;
  if (lastTerm > hardState.term)
    throw new RangeError(`the log ends in term ${lastTerm}, the hard state is of ${hardState.term}`);
}
