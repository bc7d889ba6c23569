import { type Configuration, findMember, isJoint, isVoter } from '../membership/configuration.ts';
import { encodeConfiguration } from '../membership/configuration-codec.ts';
import {
  type ChangeRefusal,
  changeConfiguration,
  leaveJoint,
  type MembershipChange,
} from '../membership/membership-change.ts';
import { isQuorum } from '../membership/quorum.ts';
import { entryKinds, noOrigin } from '../vocabulary/entry.ts';
import { indexAfter, type LogIndex } from '../vocabulary/log-index.ts';
import type { MemberId } from '../vocabulary/member-id.ts';
import { sendHeartbeat } from './heartbeat-sending.ts';
import { addEntry } from './leader-log.ts';
import { becomeFollower, endTransfer } from './office.ts';
import { emit, sendNews } from './outbox.ts';
import { newProgress, type Progress } from './progress.ts';
import { hasCommittedInTerm } from './reading.ts';
import { replicateToAll } from './replication.ts';
import type { Leader } from './role.ts';
import { isTooOld } from './snapshot-flow.ts';
import type { RaftState } from './state.ts';

/** An operator wants other members. Refused with a reason, or appended and in force at once (rule 37). */
export function onChangeMembership(state: RaftState, id: number, changes: readonly MembershipChange[]): void {
  const { role } = state;
  if (role.kind !== 'leader') {
    refuse(state, id, { reason: 'not-leader', message: 'this member does not lead' });
    return;
  }
  const obstacle = obstacleToChange(state, role);
  if (obstacle !== undefined) {
    refuse(state, id, obstacle);
    return;
  }
  const changed = changeConfiguration(state.log.configuration, changes);
  if (!changed.ok) {
    refuse(state, id, { reason: 'invalid', message: changed.message });
    return;
  }
  const risk = riskOfChange(state, role, changes, changed.configuration);
  if (risk !== undefined) {
    refuse(state, id, risk);
    return;
  }
  const index = appendConfiguration(state, role, changed.configuration);
  emit(state, { kind: 'membership-appended', id, index });
}

function refuse(state: RaftState, id: number, refusal: ChangeRefusal): void {
  emit(state, { kind: 'membership-refused', id, refusal });
}

/** One change at a time, and none before this leader has committed in its own term (rule 38). */
function obstacleToChange(state: RaftState, leader: Leader): ChangeRefusal | undefined {
  const { log } = state;
  if (!hasCommittedInTerm(state, leader)) {
    return {
      reason: 'not-ready',
      message: `the leader has not committed anything in term ${state.hardState.term} yet: try again`,
    };
  }
  if (log.configurationIndex > log.commitIndex || isJoint(log.configuration)) {
    return {
      reason: 'pending',
      message: `the change at index ${log.configurationIndex} is not complete yet: try again`,
    };
  }
  if (leader.transfer !== undefined) {
    return {
      reason: 'busy',
      message: `the leadership is being handed over to member ${leader.transfer.to}: try again`,
    };
  }
  if (state.diskLow) return { reason: 'busy', message: "the leader's disk is almost full: free space first" };
  return undefined;
}

/** Changes that could stop the cluster are refused while they can still be refused (rules 41, 46). */
function riskOfChange(
  state: RaftState,
  leader: Leader,
  changes: readonly MembershipChange[],
  next: Configuration,
): ChangeRefusal | undefined {
  for (const change of changes) {
    if (change.kind !== 'promote') continue;
    const progress = leader.progress.get(change.id);
    if (progress !== undefined && isTooOld(state, progress)) {
      return {
        reason: 'not-caught-up',
        message: `member ${change.id} supports feature level ${progress.supportedFeatureLevel}, the cluster is at ${state.log.featureLevel}: upgrade it first`,
      };
    }
    if (progress === undefined || !isCaughtUp(state, progress)) {
      const lag = state.log.lastIndex - (progress?.match ?? 0);
      return {
        reason: 'not-caught-up',
        message: `member ${change.id} lags ${lag} entries or is out of contact: promote it when it has caught up`,
      };
    }
  }
  const sound = (id: MemberId): boolean => id === state.options.id || isSound(state, leader.progress.get(id));
  if (isQuorum(next, sound)) return undefined;
  const missing = [...new Set([...next.voters, ...next.outgoing])].filter((id) => !sound(id));
  return {
    reason: 'would-lose-quorum',
    message: `of the voters ${next.voters.join(', ')} that would result, ${missing.join(', ')} cannot be reached or may not count: the cluster would stop; bring them back or remove them first`,
  };
}

/** Heard from lately, and its word counts. Stricter than the leader's own right to reign: a change must not lean on a member that is just failing. */
function isSound(state: RaftState, progress: Progress | undefined): boolean {
  if (progress === undefined || progress.quarantined || progress.lost) return false;
  return progress.contactTicks * 2 < state.options.electionTicks;
}

/** Close behind for some rounds on end, and in contact (rule 41). */
export function isCaughtUp(state: RaftState, progress: Progress): boolean {
  return isSound(state, progress) && progress.closeRounds >= state.options.promotionRounds;
}

function appendConfiguration(state: RaftState, leader: Leader, configuration: Configuration): LogIndex {
  const index = addEntry(state, leader, entryKinds.configuration, encodeConfiguration(configuration), noOrigin);
  emit(state, { kind: 'configuration-changed', configuration, index, committed: false });
  followConfiguration(state, leader);
  replicateToAll(state, leader);
  return index;
}

/** The leader looks after everyone in the configuration in force, and nobody else. */
function followConfiguration(state: RaftState, leader: Leader): void {
  const { configuration, lastIndex } = state.log;
  for (const { id } of configuration.members) {
    if (id === state.options.id || leader.progress.has(id)) continue;
    leader.progress.set(id, newProgress(id, state.incarnations.get(id) ?? 0, indexAfter(lastIndex)));
  }
  for (const progress of [...leader.progress.values()]) {
    if (findMember(configuration, progress.id) !== undefined) continue;
    leader.progress.delete(progress.id);
    if (progress.flow.kind === 'snapshot' && progress.flow.snapshotId !== 0) {
      emit(state, { kind: 'close-snapshot', to: progress.id, snapshotId: progress.flow.snapshotId });
    }
    leader.departed.add(progress.id);
  }
  if (leader.transfer !== undefined && !isVoter(configuration, leader.transfer.to)) {
    endTransfer(state, leader, 'aborted', `member ${leader.transfer.to} is no voter any more`);
  }
}

/**
 * To be asked when something was committed: a committed joint configuration is left, by whoever leads (rule 40); a leader that is no voter of
 * the final one steps down and wakes the best follower (rule 42).
 */
export function finishChange(state: RaftState, leader: Leader): void {
  const { log } = state;
  if (log.configurationIndex > log.commitIndex || !hasCommittedInTerm(state, leader)) return;
  if (isJoint(log.configuration)) {
    appendConfiguration(state, leader, leaveJoint(log.configuration));
    return;
  }
  // Not before it is final: a removal that is taken back must not have been heard of.
  for (const id of leader.departed)
    sendNews(state, id, { kind: 'removed', configurationIndex: log.configurationIndex });
  leader.departed.clear();
  if (isVoter(log.configuration, state.options.id)) return;
  const successor = bestSuccessor(state, leader);
  // The news of the commit goes first: nobody who takes over may still wait for it.
  for (const progress of leader.progress.values()) sendHeartbeat(state, leader, progress);
  if (successor !== undefined) sendNews(state, successor, { kind: 'campaign-now' });
  becomeFollower(state, undefined, 'removed');
}

/** The voter that holds the most, is in contact, has room on its disk, and a version that can lead. */
export function bestSuccessor(state: RaftState, leader: Leader): MemberId | undefined {
  let best: Progress | undefined;
  for (const id of state.log.configuration.voters) {
    const progress = leader.progress.get(id);
    if (progress === undefined || !isSound(state, progress) || progress.diskLow || isTooOld(state, progress)) continue;
    if (progress.flow.kind === 'snapshot') continue;
    if (best === undefined || progress.match > best.match) best = progress;
  }
  return best?.id;
}
