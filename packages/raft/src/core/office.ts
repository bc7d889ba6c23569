import type { TransferOutcome } from '../contract/effect.ts';
import type { StepDownCause } from '../contract/notice.ts';
import { assertInvariant } from '../vocabulary/invariant.ts';
import type { MemberId } from '../vocabulary/member-id.ts';
import type { Term } from '../vocabulary/term.ts';
import { drawElectionTimeout } from './election-timeout.ts';
import type { ReadBatch } from './leader-reads.ts';
import { emit, notice, sendNews } from './outbox.ts';
import { type Leader, type Role, roleTransitions } from './role.ts';
import type { RaftState } from './state.ts';

/** The only place where a role changes. */
export function changeRole(state: RaftState, role: Role): void {
  const before = state.role.kind;
  assertInvariant(
    roleTransitions[before].includes(role.kind),
    () => `member ${state.options.id} went from ${before} to ${role.kind} in term ${state.hardState.term}`,
  );
  state.role = role;
}

/** Whom this member takes for the leader; itself when it is. */
export function knownLeader(state: RaftState): MemberId | undefined {
  const { role } = state;
  if (role.kind === 'leader') return state.options.id;
  return role.kind === 'follower' ? role.leader : undefined;
}

/** Moves to a higher term, without a vote and without a leader yet. Not spoken of before it is durable. */
export function adoptTerm(state: RaftState, term: Term): void {
  state.hardState = { ...state.hardState, term, vote: undefined };
  state.outbox.hardStateChanged = true;
  if (state.role.kind === 'candidate') notice(state, { kind: 'election-lost', term });
  becomeFollower(state, undefined, 'higher-term');
}

/** In the present term: after losing, stepping down, or hearing of the leader. The vote stays (rule 3). */
export function becomeFollower(state: RaftState, leader: MemberId | undefined, cause: StepDownCause): void {
  const { role } = state;
  if (role.kind === 'follower' && role.leader === leader) return;
  if (role.kind === 'leader') leaveOffice(state, role, cause);
  failAskedReads(state, 'leader-changed');
  changeRole(state, { kind: 'follower', leader });
  if (role.kind !== 'follower') drawElectionTimeout(state);
}

/** Heard from the leader of the present term: the only thing, besides a granted vote, that keeps this member from campaigning (rule 6). */
export function heedLeader(state: RaftState, leader: MemberId): void {
  if (state.role.kind !== 'follower' || state.role.leader !== leader) {
    assertInvariant(
      state.role.kind !== 'leader',
      () => `two leaders in term ${state.hardState.term}: ${leader} and this`,
    );
    if (state.role.kind === 'candidate') notice(state, { kind: 'election-lost', term: state.hardState.term });
    becomeFollower(state, leader, 'higher-term');
  }
  drawElectionTimeout(state);
  state.leaderContactTicks = 0;
}

function leaveOffice(state: RaftState, leader: Leader, cause: StepDownCause): void {
  const { reads } = leader;
  for (const round of reads.rounds) failBatch(state, round.batch);
  failBatch(state, reads.waiting);
  for (const progress of leader.progress.values()) {
    const { flow } = progress;
    if (flow.kind === 'snapshot' && flow.snapshotId !== 0) {
      emit(state, { kind: 'close-snapshot', to: progress.id, snapshotId: flow.snapshotId });
    }
  }
  if (leader.transfer !== undefined) {
    const over = cause === 'higher-term' && leader.transfer.sent;
    endTransfer(
      state,
      leader,
      over ? 'handed-over' : 'aborted',
      over ? 'a newer term began' : `stepped down: ${cause}`,
    );
  }
  state.leaderContactTicks = 0;
  notice(state, { kind: 'stepped-down', term: state.hardState.term, cause });
}

export function endTransfer(state: RaftState, leader: Leader, outcome: TransferOutcome, message: string): void {
  if (leader.transfer === undefined) return;
  emit(state, { kind: 'transfer-ended', to: leader.transfer.to, outcome, message });
  leader.transfer = undefined;
}

/** A read is answered, if only by saying that it was not done (rule 35). */
function failBatch(state: RaftState, batch: ReadBatch): void {
  if (batch.ids.length > 0) emit(state, { kind: 'read-failed', ids: batch.ids, reason: 'leader-changed' });
  for (const remote of batch.remote) {
    sendNews(state, remote.from, {
      kind: 'read-answer',
      token: remote.token,
      requester: remote.requester,
      index: undefined,
    });
  }
}

export function failAskedReads(state: RaftState, reason: 'leader-changed' | 'no-leader'): void {
  const { asked } = state;
  const ids = [...(asked.underWay?.ids ?? []), ...asked.waiting];
  asked.underWay = undefined;
  asked.waiting = [];
  if (ids.length > 0) emit(state, { kind: 'read-failed', ids, reason });
}
