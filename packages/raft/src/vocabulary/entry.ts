import type { LogIndex } from './log-index.ts';
import type { Term } from './term.ts';

/**
 * The kinds this version can apply. The wire carries the number: a member that meets a number it does not know stores the
 * entry, but stops applying there and says so; it never skips (rule 70).
 */
export const entryKinds = {
  /** Written by a new leader, so that entries of earlier terms can commit (rule 16). No payload. */
  empty: 1,
  /** A command of the state machine. */
  command: 2,
  /** A complete membership configuration, in force as soon as it is appended (rule 37). */
  configuration: 3,
  /** Raises the feature level of the cluster. */
  featureLevel: 4,
} as const;

export type EntryKind = (typeof entryKinds)[keyof typeof entryKinds];

/**
 * One entry. The core knows its place and its size; the bytes are framed once, by the leader, and stored and sent as they are.
 * `frame` is never written to after it was handed over. Layout: see `entry-frame.ts`.
 */
export interface Entry {
  readonly index: LogIndex;
  readonly term: Term;
  /** One of `entryKinds`, or a number of a later version. */
  readonly kind: number;
  readonly frame: Uint8Array;
}

/**
 * Who asked for a command, so that a retry is applied once (rules 60 to 63). All zero for commands without a session.
 * The core carries it; the state machine keeps the table.
 */
export interface Origin {
  /** Names the session; a whole number below 2^53. */
  readonly session: number;
  /** Position of the request within its session, from 1. */
  readonly sequence: number;
  /** The client has seen the results of all sequences below this one: they may be forgotten. */
  readonly ackedBelow: number;
}

export const noOrigin: Origin = { session: 0, sequence: 0, ackedBelow: 0 };

/** What a client wants in the log. */
export interface Proposal extends Origin {
  readonly payload: Uint8Array;
}

/** Names a proposal in answers. */
export interface ProposalId {
  readonly session: number;
  readonly sequence: number;
}
