import { knownLeader } from './office.ts';
import { notice } from './outbox.ts';
import type { RaftState } from './state.ts';

/**
 * This member lost something it had promised. From now on it neither votes nor counts, until it holds everything that a leader of a later term
 * has committed: by then whatever it may have promised is decided without it (rule 57).
 */
export function enterQuarantine(state: RaftState): void {
  const upTo = state.hardState.term;
  if (state.hardState.quarantinedUpTo === upTo) return;
  state.hardState = { ...state.hardState, quarantinedUpTo: upTo };
  state.outbox.hardStateChanged = true;
  notice(state, { kind: 'quarantine-entered', upTo });
}

/** To be asked whenever commit index or durable index have moved. */
export function maybeLeaveQuarantine(state: RaftState): void {
  const { hardState, log } = state;
  if (hardState.quarantinedUpTo === undefined || hardState.term <= hardState.quarantinedUpTo) return;
  // An entry of the present leader's term at the commit index: all that was committed before its election is included.
  if (log.termAt(log.commitIndex) !== hardState.term || state.disk.durableIndex < log.commitIndex) return;
  // Its vote in this term, if it gave one and forgot, can only have helped this leader or be without effect: none is left to give.
  const vote = hardState.vote ?? knownLeader(state);
  state.hardState = { ...hardState, vote, quarantinedUpTo: undefined };
  state.outbox.hardStateChanged = true;
  notice(state, { kind: 'quarantine-left', term: hardState.term, commit: log.commitIndex });
}
