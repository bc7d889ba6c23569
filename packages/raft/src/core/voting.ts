import type { PreVoteRequest, VoteRequest } from '../contract/message.ts';
import type { Notice } from '../contract/notice.ts';
import { findMember } from '../membership/configuration.ts';
import type { LogIndex } from '../vocabulary/log-index.ts';
import { type Term, term } from '../vocabulary/term.ts';
import { drawElectionTimeout } from './election-timeout.ts';
import { adoptTerm, becomeFollower } from './office.ts';
import { notice, sendNews, sendPromise } from './outbox.ts';
import type { RaftState } from './state.ts';

type Refusal = Extract<Notice, { kind: 'vote-refused' }>['reason'];

/** Answers without changing anything durable (rule 8). */
export function onPreVoteRequest(state: RaftState, message: PreVoteRequest): void {
  const candidacy = term(message.term + 1);
  const refusal =
    candidacy <= state.hardState.term
      ? 'old-term'
      : leaderIsKnown(state)
        ? 'leader-known'
        : unfitToVote(state, message.lastIndex, message.lastTerm);
  sendNews(state, message.from, { kind: 'pre-vote-answer', candidacy, granted: refusal === undefined });
  if (refusal !== undefined) noticeRefusal(state, message, refusal, true);
}

/** Grants at most one vote per term, durable before it is spoken (rule 1). Learners answer too: the candidate may know better (rule 12). */
export function onVoteRequest(state: RaftState, message: VoteRequest): void {
  if (!message.transfer && leaderIsKnown(state) && message.term > state.hardState.term) {
    // Not even the term is taken over: a healthy leader must not be deposed (rules 4, 10).
    noticeRefusal(state, message, 'leader-known', false);
    return;
  }
  if (message.term > state.hardState.term) adoptTerm(state, message.term);
  const refusal = refusalToVote(state, message);
  if (refusal !== undefined) {
    noticeRefusal(state, message, refusal, false);
    sendNews(state, message.from, { kind: 'vote-answer', granted: false });
    return;
  }
  if (state.hardState.vote !== message.from) {
    state.hardState = { ...state.hardState, vote: message.from };
    state.outbox.hardStateChanged = true;
  }
  if (state.role.kind === 'pre-candidate') becomeFollower(state, undefined, 'higher-term');
  drawElectionTimeout(state);
  sendPromise(state, message.from, { kind: 'vote-answer', granted: true });
}

function refusalToVote(state: RaftState, message: VoteRequest): Refusal | undefined {
  const { hardState } = state;
  if (message.term < hardState.term) return 'old-term';
  if (hardState.vote !== undefined && hardState.vote !== message.from) return 'voted-otherwise';
  if (hardState.vote === undefined && state.role.kind === 'follower' && state.role.leader !== undefined) {
    return 'leader-known';
  }
  if (state.options.leaseReads !== undefined && !message.transfer && leaderIsKnown(state)) return 'leader-known';
  return unfitToVote(state, message.lastIndex, message.lastTerm);
}

function unfitToVote(state: RaftState, lastIndex: LogIndex, lastTerm: Term): Refusal | undefined {
  if (state.hardState.quarantinedUpTo !== undefined) return 'quarantined';
  if (state.diskHung) return 'hung-disk';
  if (state.options.leaseReads !== undefined && state.upTicks < state.options.electionTicks) return 'restarted';
  return isUpToDate(state, lastIndex, lastTerm) ? undefined : 'log-behind';
}

/** The last term decides, then the length (rule 5). */
function isUpToDate(state: RaftState, lastIndex: LogIndex, lastTerm: Term): boolean {
  const own = state.log.lastTerm;
  return lastTerm > own || (lastTerm === own && lastIndex >= state.log.lastIndex);
}

/**
 * Whether a leader reigns as far as this member can tell: it is one, or heard from one within the minimum election timeout (rule 10). Where leases are
 * on, the time alone counts: the leader relies on it also when this member has since heard of a higher term (rule 36).
 */
function leaderIsKnown(state: RaftState): boolean {
  const { role, options } = state;
  if (role.kind === 'leader') return true;
  if (state.leaderContactTicks >= options.electionTicks) return false;
  return options.leaseReads !== undefined || (role.kind === 'follower' && role.leader !== undefined);
}

function noticeRefusal(
  state: RaftState,
  message: PreVoteRequest | VoteRequest,
  reason: Refusal,
  preVote: boolean,
): void {
  notice(state, { kind: 'vote-refused', candidate: message.from, reason, preVote });
  tellRemoved(state, message);
}

/** A candidate that is no longer a member learns of it when it asks (rule 43). */
function tellRemoved(state: RaftState, message: PreVoteRequest | VoteRequest): void {
  const { configuration, index } = state.log.committedConfiguration;
  if (configuration.members.length === 0 || findMember(configuration, message.from) !== undefined) return;
  sendNews(state, message.from, { kind: 'removed', configurationIndex: index });
}
