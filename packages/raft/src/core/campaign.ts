import type { PreVoteAnswer, VoteAnswer } from '../contract/message.ts';
import type { CampaignCause } from '../contract/notice.ts';
import { isVoter } from '../membership/configuration.ts';
import { tally } from '../membership/quorum.ts';
import { entryKinds } from '../vocabulary/entry.ts';
import { indexAfter } from '../vocabulary/log-index.ts';
import type { MemberId } from '../vocabulary/member-id.ts';
import { term } from '../vocabulary/term.ts';
import { drawElectionTimeout } from './election-timeout.ts';
import { broadcastHeartbeat } from './heartbeat-sending.ts';
import { appendOwn } from './leader-log.ts';
import { newLeaderReads } from './leader-reads.ts';
import { adoptTerm, becomeFollower, changeRole, failAskedReads } from './office.ts';
import { notice, sendNews, sendPromise } from './outbox.ts';
import { newProgress, type Progress } from './progress.ts';
import type { Candidate, PreCandidate } from './role.ts';
import type { RaftState } from './state.ts';

/**
 * Only a voter campaigns (rule 13), and only one that could do the work: its promises are whole, its disk writes, its version applies.
 */
export function mayCampaign(state: RaftState): boolean {
  return (
    isElector(state) &&
    !state.removed &&
    state.hardState.quarantinedUpTo === undefined &&
    state.halted === undefined &&
    state.log.featureLevel <= state.options.supportedFeatureLevel &&
    !state.diskHung &&
    state.receiving?.phase !== 'staging'
  );
}

/**
 * A voter of the configuration in force, or, while that is not yet committed, of the one before: the last to hold the entry that removes it may be the
 * only one whose log the others accept, and must carry the change through (thesis, 4.2.2).
 */
function isElector(state: RaftState): boolean {
  const { log, options } = state;
  if (isVoter(log.configuration, options.id)) return true;
  return log.configurationIndex > log.commitIndex && isVoter(log.committedConfiguration.configuration, options.id);
}

/** The election timer ran out. */
export function startPreVote(state: RaftState): void {
  const { hardState, log } = state;
  notice(state, { kind: 'campaign-started', term: term(hardState.term + 1), cause: 'timeout', preVote: true });
  failAskedReads(state, 'no-leader');
  const votes = new Map<MemberId, boolean>([[state.options.id, true]]);
  changeRole(state, { kind: 'pre-candidate', votes });
  drawElectionTimeout(state);
  for (const id of otherVoters(state)) {
    sendNews(state, id, { kind: 'pre-vote-request', lastIndex: log.lastIndex, lastTerm: log.lastTerm });
  }
  countPreVotes(state, state.role as PreCandidate);
}

/** Voters that lag behind in terms answer too, and their word counts: it is about the term asked for. */
export function onPreVoteAnswer(state: RaftState, message: PreVoteAnswer): void {
  if (message.term > state.hardState.term) adoptTerm(state, message.term);
  const { role } = state;
  if (role.kind !== 'pre-candidate' || message.candidacy !== state.hardState.term + 1) return;
  if (!role.votes.has(message.from)) role.votes.set(message.from, message.granted);
  countPreVotes(state, role);
}

function countPreVotes(state: RaftState, role: PreCandidate): void {
  const outcome = tally(state.log.configuration, (id) => role.votes.get(id));
  if (outcome === 'won') startCampaign(state, 'timeout');
  else if (outcome === 'lost') becomeFollower(state, undefined, 'no-quorum');
}

/** A real candidacy: raises the term and votes for itself; the own vote counts when it is durable (rule 2). */
export function startCampaign(state: RaftState, cause: CampaignCause): void {
  const { log } = state;
  const self = state.options.id;
  state.hardState = { ...state.hardState, term: term(state.hardState.term + 1), vote: self };
  state.outbox.hardStateChanged = true;
  notice(state, { kind: 'campaign-started', term: state.hardState.term, cause, preVote: false });
  failAskedReads(state, 'no-leader');
  changeRole(state, { kind: 'candidate', votes: new Map(), ownVoteSeq: state.disk.nextSeq });
  drawElectionTimeout(state);
  for (const id of otherVoters(state)) {
    sendPromise(state, id, {
      kind: 'vote-request',
      lastIndex: log.lastIndex,
      lastTerm: log.lastTerm,
      transfer: cause === 'transfer',
    });
  }
}

export function onVoteAnswer(state: RaftState, message: VoteAnswer): void {
  const { role } = state;
  if (role.kind !== 'candidate') return;
  if (!role.votes.has(message.from)) role.votes.set(message.from, message.granted);
  countVotes(state, role);
}

/** The write with the own vote may just have become durable. */
export function onOwnVoteDurable(state: RaftState, seq: number): void {
  const { role } = state;
  if (role.kind !== 'candidate' || role.ownVoteSeq > seq || role.votes.has(state.options.id)) return;
  role.votes.set(state.options.id, true);
  countVotes(state, role);
}

function countVotes(state: RaftState, role: Candidate): void {
  const outcome = tally(state.log.configuration, (id) => role.votes.get(id));
  if (outcome === 'won') takeOffice(state);
  else if (outcome === 'lost') {
    notice(state, { kind: 'election-lost', term: state.hardState.term });
    becomeFollower(state, undefined, 'no-quorum');
  }
}

function takeOffice(state: RaftState): void {
  const { log, options } = state;
  notice(state, { kind: 'election-won', term: state.hardState.term });
  const next = indexAfter(log.lastIndex);
  const progress = new Map<MemberId, Progress>();
  for (const { id } of log.configuration.members) {
    if (id !== options.id) progress.set(id, newProgress(id, state.incarnations.get(id) ?? 0, next));
  }
  changeRole(state, {
    kind: 'leader',
    firstIndex: next,
    progress,
    departed: new Set(),
    reads: newLeaderReads(),
    uncommittedBytes: 0,
    round: 0,
    heartbeatElapsed: 0,
    quorumElapsed: 0,
    transfer: undefined,
    snapshotBudget: options.snapshotBytesPerTick,
    handover: { candidate: undefined, ticks: 0 },
    reignTicks: 0,
    renewedAt: 0,
  });
  const { role } = state;
  if (role.kind !== 'leader') return;
  // Entries of earlier terms commit only behind one of ours (rules 15, 16).
  appendOwn(state, role, entryKinds.empty, new Uint8Array(0));
  broadcastHeartbeat(state, role);
}

function otherVoters(state: RaftState): MemberId[] {
  const { voters, outgoing } = state.log.configuration;
  return [...new Set([...voters, ...outgoing])].filter((id) => id !== state.options.id);
}
