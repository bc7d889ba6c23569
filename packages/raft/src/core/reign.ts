import { encodeFeatureLevel } from '../log/feature-level.ts';
import { isQuorum } from '../membership/quorum.ts';
import { entryKinds } from '../vocabulary/entry.ts';
import { isPreferred } from './election-timeout.ts';
import { broadcastHeartbeat } from './heartbeat-sending.ts';
import { appendOwn } from './leader-log.ts';
import { becomeFollower } from './office.ts';
import type { Progress } from './progress.ts';
import { assignReads, hasCommittedInTerm } from './reading.ts';
import { bestSuccessor, isCaughtUp } from './reconfiguration.ts';
import type { Leader } from './role.ts';
import { tickSnapshots } from './snapshot-sending.ts';
import type { RaftState } from './state.ts';
import { beginTransfer, tickTransfer } from './transferring.ts';

/** Election timeouts between two attempts to raise the term for a quarantined voter. */
const renewalPause = 10;

/** What a leader does with time. `ticks` counts a stall as one, `elapsed` counts all of it. */
export function tickLeader(state: RaftState, leader: Leader, ticks: number, elapsed: number): void {
  const { options } = state;
  leader.reignTicks += elapsed;
  leader.heartbeatElapsed += ticks;
  leader.quorumElapsed += ticks;
  for (const progress of leader.progress.values()) progress.contactTicks += ticks;
  if (elapsed > options.stallTicks) {
    // After a stall the peers get a heartbeat round to answer before they are judged (rule 4.5.2).
    leader.quorumElapsed = Math.min(leader.quorumElapsed, options.electionTicks - 2 * options.heartbeatTicks);
  }
  if (leader.quorumElapsed >= options.electionTicks && !keepsQuorum(state, leader)) {
    becomeFollower(state, undefined, 'no-quorum');
    return;
  }
  if (leader.heartbeatElapsed >= options.heartbeatTicks) {
    broadcastHeartbeat(state, leader);
    assignReads(state, leader);
    raiseFeatureLevel(state, leader);
  }
  tickTransfer(state, leader, ticks);
  tickSnapshots(state, leader, ticks);
  if (leader.transfer === undefined) considerHandover(state, leader, ticks);
}

/** Check-quorum: a leader that a majority does not answer is none (rule 10). */
function keepsQuorum(state: RaftState, leader: Leader): boolean {
  leader.quorumElapsed = 0;
  const kept = isQuorum(state.log.configuration, (id) => {
    if (id === state.options.id) return true;
    const progress = leader.progress.get(id);
    return progress?.heard === true && !progress.quarantined;
  });
  for (const progress of leader.progress.values()) progress.heard = false;
  return kept;
}

/** As soon as every voter supports a higher level, one logged entry raises it for all (rule 70). */
function raiseFeatureLevel(state: RaftState, leader: Leader): void {
  const { log, options } = state;
  if (log.featureLevel >= options.supportedFeatureLevel || !hasCommittedInTerm(state, leader)) return;
  let common = options.supportedFeatureLevel;
  for (const id of [...log.configuration.voters, ...log.configuration.outgoing]) {
    if (id === options.id) continue;
    common = Math.min(common, leader.progress.get(id)?.supportedFeatureLevel ?? 0);
  }
  if (common > log.featureLevel) {
    appendOwn(state, leader, entryKinds.featureLevel, encodeFeatureLevel(common));
  }
}

/** Reasons to hand over without being asked: this version cannot apply the log, a voter needs a new term to heal, or another one is preferred. */
function considerHandover(state: RaftState, leader: Leader, ticks: number): void {
  if (state.halted !== undefined) {
    const successor = bestSuccessor(state, leader);
    if (successor !== undefined) beginTransfer(state, leader, successor);
    return;
  }
  if (!hasCommittedInTerm(state, leader)) return;
  if (
    leader.reignTicks - leader.renewedAt >= renewalPause * state.options.electionTicks &&
    wantsNewTerm(state, leader)
  ) {
    leader.renewedAt = leader.reignTicks;
    const successor = bestSuccessor(state, leader);
    if (successor !== undefined) beginTransfer(state, leader, successor);
    return;
  }
  considerPreferred(state, leader, ticks);
}

/** A quarantined voter that has everything still waits for a leader of a later term; until then the cluster is one failure poorer (rule 57). */
function wantsNewTerm(state: RaftState, leader: Leader): boolean {
  return state.log.configuration.voters.some((id) => {
    const progress = leader.progress.get(id);
    if (progress?.quarantined !== true || progress.lostPromise) return false;
    return progress.match >= state.log.commitIndex;
  });
}

function considerPreferred(state: RaftState, leader: Leader, ticks: number): void {
  const { preferredHandoverTicks } = state.options;
  if (preferredHandoverTicks === 0 || isPreferred(state.log.configuration, state.options.id)) return;
  const { handover } = leader;
  const fit = state.log.configuration.voters.find(
    (id) => isPreferred(state.log.configuration, id) && isFit(state, leader.progress.get(id)),
  );
  handover.ticks = fit === handover.candidate ? handover.ticks + ticks : 0;
  handover.candidate = fit;
  if (fit !== undefined && handover.ticks >= preferredHandoverTicks) {
    handover.ticks = 0;
    beginTransfer(state, leader, fit);
  }
}

function isFit(state: RaftState, progress: Progress | undefined): boolean {
  return progress !== undefined && isCaughtUp(state, progress) && !progress.diskLow;
}
