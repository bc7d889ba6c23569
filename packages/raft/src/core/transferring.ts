import type { CampaignNow } from '../contract/message.ts';
import { isVoter } from '../membership/configuration.ts';
import type { MemberId } from '../vocabulary/member-id.ts';
import { mayCampaign, startCampaign } from './campaign.ts';
import { endTransfer } from './office.ts';
import { emit, notice, sendNews } from './outbox.ts';
import { replicate } from './replication.ts';
import type { Leader } from './role.ts';
import type { RaftState } from './state.ts';

/** An operator wants another leader. */
export function onTransfer(state: RaftState, to: MemberId): void {
  const { role } = state;
  const fault = role.kind === 'leader' ? faultOfTarget(state, role, to) : 'this member does not lead';
  if (role.kind !== 'leader' || fault !== undefined) {
    emit(state, { kind: 'transfer-ended', to, outcome: 'refused', message: fault ?? '' });
    return;
  }
  beginTransfer(state, role, to);
}

function faultOfTarget(state: RaftState, leader: Leader, to: MemberId): string | undefined {
  if (to === state.options.id) return 'this member leads already';
  if (!isVoter(state.log.configuration, to)) return `member ${to} is no voter`;
  if (leader.transfer !== undefined) return `a transfer to member ${leader.transfer.to} is under way`;
  const progress = leader.progress.get(to);
  if (progress === undefined || progress.contactTicks >= state.options.electionTicks) {
    return `member ${to} was not heard from for an election timeout`;
  }
  if (progress.quarantined) return `member ${to} is quarantined`;
  // That takes longer than proposals may wait.
  return progress.flow.kind === 'snapshot' ? `member ${to} is being sent a snapshot` : undefined;
}

/** No proposals from now on, so that the target can catch up; over after one election timeout at the latest (rule 14). */
export function beginTransfer(state: RaftState, leader: Leader, to: MemberId): void {
  leader.transfer = { to, elapsed: 0, sent: false };
  notice(state, { kind: 'transfer-started', to });
  const progress = leader.progress.get(to);
  if (progress === undefined) return;
  replicate(state, leader, progress);
  maybeHandOver(state, leader);
}

/** The target holds the whole log: it may campaign, bypassing everybody's loyalty to this leader. */
export function maybeHandOver(state: RaftState, leader: Leader): void {
  const { transfer } = leader;
  if (transfer === undefined || transfer.sent) return;
  if (leader.progress.get(transfer.to)?.match !== state.log.lastIndex) return;
  transfer.sent = true;
  leader.reads.leaseRevoked = true;
  sendNews(state, transfer.to, { kind: 'campaign-now' });
}

export function tickTransfer(state: RaftState, leader: Leader, ticks: number): void {
  const { transfer } = leader;
  if (transfer === undefined) return;
  transfer.elapsed += ticks;
  if (transfer.elapsed >= state.options.electionTicks) {
    endTransfer(state, leader, 'timed-out', `member ${transfer.to} did not take over within an election timeout`);
  }
}

/** The leader asks this member to take over. */
export function onCampaignNow(state: RaftState, message: CampaignNow): void {
  if (state.role.kind !== 'follower' && state.role.kind !== 'pre-candidate') return;
  if (message.term !== state.hardState.term || !mayCampaign(state)) return;
  startCampaign(state, 'transfer');
}
