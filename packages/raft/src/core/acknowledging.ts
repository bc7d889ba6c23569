import type { AppendAccepted, AppendRejected, HeartbeatAnswer } from '../contract/message.ts';
import { higherIndex, indexAfter, type LogIndex } from '../vocabulary/log-index.ts';
import { advanceCommit } from './commit.ts';
import { notice } from './outbox.ts';
import { becomeProbe, becomeReplicate, type Progress } from './progress.ts';
import { confirmReads } from './reading.ts';
import { replicate, sendEmptyAppend, tellCommitTo, waitsToFill } from './replication.ts';
import type { Leader } from './role.ts';
import { endSnapshot } from './snapshot-flow.ts';
import type { RaftState } from './state.ts';
import { maybeHandOver } from './transferring.ts';

export function onAppendAccepted(state: RaftState, leader: Leader, progress: Progress, message: AppendAccepted): void {
  if (message.matchIndex > state.log.lastIndex) {
    notice(state, {
      kind: 'bad-message',
      peer: message.from,
      reason: `acknowledges ${message.matchIndex}, beyond the log`,
    });
    return;
  }
  noteStanding(state, progress, message.quarantined, message.lastIndex);
  raiseMatch(state, leader, progress, message.matchIndex);
  advanceCommit(state, leader);
  if (state.role.kind !== 'leader') return;
  replicate(state, leader, progress);
  tellCommitTo(state, progress);
  maybeHandOver(state, leader);
}

/** The peer holds everything up to `matchIndex`; leaves whatever state it was in for the pipeline. */
export function raiseMatch(state: RaftState, leader: Leader, progress: Progress, matchIndex: LogIndex): void {
  const { flow } = progress;
  const stale = matchIndex < progress.match;
  progress.match = higherIndex(progress.match, matchIndex);
  progress.next = higherIndex(progress.next, indexAfter(progress.match));
  if (flow.kind === 'replicate') flow.window.freeUpTo(matchIndex);
  else if (flow.kind === 'probe') {
    if (!stale) startPipeline(state, progress);
  } else if (progress.match >= state.log.base.index) {
    // An ordinary answer shows that the log connects again: the snapshot is not needed any more (rule 50).
    endSnapshot(state, leader, progress, progress.match >= flow.index && flow.index > 0);
    startPipeline(state, progress);
  }
}

function startPipeline(state: RaftState, progress: Progress): void {
  const { maxInflightAppends, maxInflightBytes } = state.options;
  becomeReplicate(progress, maxInflightAppends, maxInflightBytes);
  notice(state, { kind: 'peer-state', peer: progress.id, state: 'replicate' });
}

export function onAppendRejected(state: RaftState, leader: Leader, progress: Progress, message: AppendRejected): void {
  noteStanding(state, progress, message.quarantined, message.lastIndex);
  const { flow } = progress;
  if (flow.kind === 'snapshot') return;
  if (flow.kind === 'replicate') {
    // Older than what was acknowledged since (rule 22).
    if (message.rejectedIndex <= progress.match) return;
    becomeProbe(progress);
    notice(state, { kind: 'peer-state', peer: progress.id, state: 'probe' });
  } else {
    if (message.rejectedIndex !== progress.next - 1) return;
    const reach = state.log.lastAtOrBelow(message.hintIndex, message.hintTerm);
    const next = Math.min(message.rejectedIndex, reach + 1);
    progress.next = higherIndex(next as LogIndex, indexAfter(progress.match));
    flow.paused = false;
  }
  probe(state, leader, progress);
}

export function onHeartbeatAnswer(
  state: RaftState,
  leader: Leader,
  progress: Progress,
  message: HeartbeatAnswer,
): void {
  noteStanding(state, progress, message.quarantined, undefined);
  progress.diskLow = message.diskLow;
  progress.supportedFeatureLevel = message.supportedFeatureLevel;
  if (message.round > progress.ackedRound) {
    progress.ackedRound = message.round;
    countCloseRound(state, progress);
  }
  confirmReads(state, leader);
  const { flow } = progress;
  if (flow.kind === 'probe') {
    // Something may have been lost; a small question finds out, also when there is nothing to send (rule 29).
    if (flow.paused) sendEmptyAppend(state, leader, progress);
    else probe(state, leader, progress);
  } else if (flow.kind === 'replicate' && progress.match < state.log.lastIndex) {
    if (flow.window.full || waitsToFill(state, progress)) flow.window.freeOldest();
    replicate(state, leader, progress);
    // Shows a gap when the tail of the pipeline was lost.
    const stuck = progress.match === progress.matchAtHeartbeat;
    if (stuck && progress.next > state.log.lastIndex) sendEmptyAppend(state, leader, progress);
  }
  progress.matchAtHeartbeat = progress.match;
}

function probe(state: RaftState, leader: Leader, progress: Progress): void {
  if (progress.next > state.log.lastIndex) sendEmptyAppend(state, leader, progress);
  else replicate(state, leader, progress);
}

/** Rule 41: a learner that stays close behind for some rounds may be promoted. */
function countCloseRound(state: RaftState, progress: Progress): void {
  const { promotionLagEntries, promotionRounds } = state.options;
  if (state.log.lastIndex - progress.match > promotionLagEntries) {
    progress.closeRounds = 0;
    return;
  }
  progress.closeRounds++;
  if (progress.closeRounds === promotionRounds && state.log.configuration.learners.includes(progress.id)) {
    notice(state, { kind: 'learner-caught-up', peer: progress.id });
  }
}

/** What the peer says of itself: whether it counts, and whether it still holds what it promised (rule 23). */
function noteStanding(
  state: RaftState,
  progress: Progress,
  quarantined: boolean,
  lastIndex: LogIndex | undefined,
): void {
  if (quarantined) progress.lostPromise = false;
  else if (lastIndex !== undefined && lastIndex < progress.promised && !progress.lostPromise) {
    progress.lostPromise = true;
    notice(state, { kind: 'promise-lost', peer: progress.id, promised: progress.promised, holds: lastIndex });
  }
  progress.quarantined = quarantined || progress.lostPromise;
}
