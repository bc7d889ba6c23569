import type { MemberId } from './member-id.ts';
import { noTerm, type Term } from './term.ts';

/**
 * What a member has promised. Durable before any message that rests on it (rules 1, 2); a vote is never cleared without
 * raising the term (rule 3).
 */
export interface HardState {
  readonly term: Term;
  /** Whom this member voted for in `term`. */
  readonly vote: MemberId | undefined;
  /**
   * Set while the member is quarantined: it lost something it may have promised, so it neither votes nor counts for a quorum
   * until it holds all that a leader of a term **above** this one has committed (rule 57).
   */
  readonly quarantinedUpTo: Term | undefined;
}

export const initialHardState: HardState = { term: noTerm, vote: undefined, quarantinedUpTo: undefined };

/**
 * What a shell writes, durable, **before** it discards damaged records of something that may have been acknowledged: a second crash must not find a log
 * that merely looks short.
 */
export function quarantined(hardState: HardState): HardState {
  return { ...hardState, quarantinedUpTo: hardState.term };
}
