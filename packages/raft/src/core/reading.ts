import type { ReadAnswer, ReadRequest } from '../contract/message.ts';
import { isVoter } from '../membership/configuration.ts';
import { quorumValue } from '../membership/quorum.ts';
import { higherIndex, type LogIndex } from '../vocabulary/log-index.ts';
import type { MemberId } from '../vocabulary/member-id.ts';
import { broadcastHeartbeat } from './heartbeat-sending.ts';
import type { ReadBatch } from './leader-reads.ts';
import { leaseHolds, renewLease } from './lease.ts';
import { failAskedReads, knownLeader } from './office.ts';
import { emit, notice, sendNews } from './outbox.ts';
import type { Leader } from './role.ts';
import type { RaftState } from './state.ts';

/** A linearizable read of one of this member's own clients. */
export function onRead(state: RaftState, id: number, elapsedTicks: number): void {
  const { role, asked } = state;
  if (role.kind === 'leader') {
    if (leaseHolds(state, role, elapsedTicks) && hasCommittedInTerm(state, role)) {
      notice(state, { kind: 'lease-read' });
      emit(state, { kind: 'read-ready', ids: [id], index: state.log.commitIndex });
      return;
    }
    if (role.reads.count >= state.options.maxPendingReads) {
      failRead(state, id, 'busy');
      return;
    }
    role.reads.waiting.ids.push(id);
    role.reads.count++;
    flushReads(state, role);
    return;
  }
  const leader = knownLeader(state);
  if (leader === undefined) {
    failRead(state, id, 'no-leader');
    return;
  }
  const pending = asked.waiting.length + (asked.underWay?.ids.length ?? 0);
  if (pending >= state.options.maxPendingReads) {
    failRead(state, id, 'busy');
    return;
  }
  asked.waiting.push(id);
  askLeader(state, leader);
}

function failRead(state: RaftState, id: number, reason: 'busy' | 'no-leader'): void {
  emit(state, { kind: 'read-failed', ids: [id], reason });
}

/** Sends what is waiting as one request; one request at a time, so that reads batch by themselves under load. */
function askLeader(state: RaftState, leader: MemberId): void {
  const { asked } = state;
  if (asked.underWay !== undefined || asked.waiting.length === 0) return;
  asked.underWay = { token: asked.nextToken++, ids: asked.waiting, ticks: 0 };
  asked.waiting = [];
  sendNews(state, leader, { kind: 'read-request', token: asked.underWay.token });
}

/** Lost requests are repeated; a leader that is silent for an election timeout is given up. */
export function tickAskedReads(state: RaftState, ticks: number): void {
  const { underWay } = state.asked;
  if (underWay === undefined) return;
  const leader = knownLeader(state);
  const before = underWay.ticks;
  underWay.ticks += ticks;
  if (leader === undefined || underWay.ticks >= state.options.electionTicks) {
    failAskedReads(state, 'no-leader');
    return;
  }
  const period = 2 * state.options.heartbeatTicks;
  if (Math.floor(before / period) !== Math.floor(underWay.ticks / period)) {
    sendNews(state, leader, { kind: 'read-request', token: underWay.token });
  }
}

export function onReadAnswer(state: RaftState, message: ReadAnswer): void {
  const { asked, options } = state;
  if (message.requester !== options.incarnation || message.token !== asked.underWay?.token) return;
  const { ids } = asked.underWay;
  asked.underWay = undefined;
  if (message.index === undefined) emit(state, { kind: 'read-failed', ids, reason: 'leader-changed' });
  else emit(state, { kind: 'read-ready', ids, index: message.index });
  const leader = knownLeader(state);
  if (leader === undefined || leader === options.id) failAskedReads(state, 'leader-changed');
  else askLeader(state, leader);
}

/** A follower asks; whoever does not lead says so, so that nobody waits. */
export function onReadRequest(state: RaftState, message: ReadRequest): void {
  const { role } = state;
  const remote = { from: message.from, token: message.token, requester: message.incarnation };
  if (role.kind !== 'leader' || role.reads.count >= state.options.maxPendingReads) {
    const { from, ...answer } = remote;
    sendNews(state, from, { kind: 'read-answer', ...answer, index: undefined });
    return;
  }
  role.reads.waiting.remote.push(remote);
  role.reads.count++;
  flushReads(state, role);
}

/** Nothing is read before an entry of the present term is committed: the leader may not know of older commits yet (rule 31). */
export function hasCommittedInTerm(state: RaftState, leader: Leader): boolean {
  return state.log.commitIndex >= leader.firstIndex;
}

/** Starts a round for what is waiting, unless one is under way. */
export function flushReads(state: RaftState, leader: Leader): void {
  const { reads } = leader;
  if (reads.rounds.length > 0 || batchSize(reads.waiting) === 0 || !hasCommittedInTerm(state, leader)) return;
  broadcastHeartbeat(state, leader);
  assignReads(state, leader);
}

/** The round that has just started, after the waiting reads arrived, confirms them (rule 32). */
export function assignReads(state: RaftState, leader: Leader): void {
  const { reads } = leader;
  if (batchSize(reads.waiting) > 0 && hasCommittedInTerm(state, leader)) {
    reads.rounds.push({ round: leader.round, index: state.log.commitIndex, batch: reads.waiting });
    reads.waiting = { ids: [], remote: [] };
  }
  confirmReads(state, leader);
}

/** Heartbeat answers came in, or the quorum is this member alone. */
export function confirmReads(state: RaftState, leader: Leader): void {
  const { reads } = leader;
  const confirmed = confirmedRound(state, leader);
  renewLease(state, leader, confirmed);
  let count = 0;
  while (reads.rounds.length > 0 && (reads.rounds[0] as (typeof reads.rounds)[number]).round <= confirmed) {
    const round = reads.rounds.shift() as (typeof reads.rounds)[number];
    answerBatch(state, leader, round.batch, round.index);
    count += batchSize(round.batch);
  }
  if (count === 0) return;
  reads.count -= count;
  notice(state, { kind: 'reads-confirmed', count, rounds: leader.round });
  flushReads(state, leader);
}

/** Youngest heartbeat round that a quorum of voters has answered (rule 33). */
function confirmedRound(state: RaftState, leader: Leader): number {
  const self = state.options.id;
  return quorumValue(state.log.configuration, (id) => {
    if (id === self) return isVoter(state.log.configuration, self) ? leader.round : 0;
    const progress = leader.progress.get(id);
    return progress === undefined || progress.quarantined ? 0 : progress.ackedRound;
  });
}

function answerBatch(state: RaftState, leader: Leader, batch: ReadBatch, index: LogIndex): void {
  if (batch.ids.length > 0) emit(state, { kind: 'read-ready', ids: batch.ids, index });
  for (const { from, token, requester } of batch.remote) {
    const progress = leader.progress.get(from);
    if (progress !== undefined) progress.awaited = higherIndex(progress.awaited, index);
    sendNews(state, from, { kind: 'read-answer', token, requester, index });
  }
}

function batchSize(batch: ReadBatch): number {
  return batch.ids.length + batch.remote.length;
}
