import type { Forward, ForwardRefused, ProposalRefusal } from '../contract/message.ts';
import { isQuorum } from '../membership/quorum.ts';
import { entryKinds, type Proposal, type ProposalId } from '../vocabulary/entry.ts';
import { entryFrameOverheadBytes } from '../vocabulary/entry-frame.ts';
import { addEntry } from './leader-log.ts';
import { knownLeader } from './office.ts';
import { emit, sendNews } from './outbox.ts';
import { replicateToAll } from './replication.ts';
import type { Leader } from './role.ts';
import type { RaftState } from './state.ts';

/** Clients of this member want these in the log. */
export function onPropose(state: RaftState, proposals: readonly Proposal[]): void {
  const { role } = state;
  if (role.kind === 'leader') {
    for (const [reason, ids] of take(state, role, proposals)) refuseHere(state, ids, reason);
    return;
  }
  const leader = knownLeader(state);
  if (leader === undefined) {
    refuseHere(state, proposals.map(idOf), 'no-leader');
    return;
  }
  const small = proposals.filter(({ payload }) => payload.length <= state.options.maxProposalBytes);
  if (small.length < proposals.length) {
    const large = proposals.filter((proposal) => !small.includes(proposal));
    refuseHere(state, large.map(idOf), 'too-large');
  }
  for (const part of parts(small, state.options.maxAppendBytes)) {
    sendNews(state, leader, { kind: 'forward', proposals: part });
  }
}

/** A follower hands on what its clients want, with their ids (rule 63). */
export function onForward(state: RaftState, message: Forward): void {
  const { role } = state;
  if (role.kind !== 'leader') {
    const ids = message.proposals.map(idOf);
    sendNews(state, message.from, { kind: 'forward-refused', ids, reason: 'not-leader' });
    return;
  }
  const refused = take(state, role, message.proposals);
  const progress = role.progress.get(message.from);
  if (progress !== undefined) progress.awaited = state.log.lastIndex;
  for (const [reason, ids] of refused) {
    sendNews(state, message.from, { kind: 'forward-refused', ids, reason });
  }
}

export function onForwardRefused(state: RaftState, message: ForwardRefused): void {
  refuse(state, message.ids, message.reason, false);
}

/** Appends what may be appended, and says why not the rest. */
function take(
  state: RaftState,
  leader: Leader,
  proposals: readonly Proposal[],
): ReadonlyMap<ProposalRefusal, ProposalId[]> {
  const refused = new Map<ProposalRefusal, ProposalId[]>();
  const closed = closedDoor(state, leader);
  for (const proposal of proposals) {
    const reason = closed ?? refusalOf(state, leader, proposal);
    if (reason === undefined) addEntry(state, leader, entryKinds.command, proposal.payload, proposal);
    else {
      const ids = refused.get(reason);
      if (ids === undefined) refused.set(reason, [idOf(proposal)]);
      else ids.push(idOf(proposal));
    }
  }
  replicateToAll(state, leader);
  return refused;
}

/** Why nothing at all is taken at the moment. */
function closedDoor(state: RaftState, leader: Leader): ProposalRefusal | undefined {
  if (leader.transfer !== undefined) return 'transferring';
  if (state.diskLow || !quorumHasRoom(state, leader)) return 'disk-full';
  return undefined;
}

/** Overload is turned away at the door (rule 68); an idle leader takes anything that is not too large in itself. */
function refusalOf(state: RaftState, leader: Leader, proposal: Proposal): ProposalRefusal | undefined {
  const { maxProposalBytes, maxUncommittedBytes } = state.options;
  if (proposal.payload.length > maxProposalBytes) return 'too-large';
  const bytes = leader.uncommittedBytes + proposal.payload.length + entryFrameOverheadBytes;
  return leader.uncommittedBytes > 0 && bytes > maxUncommittedBytes ? 'busy' : undefined;
}

function quorumHasRoom(state: RaftState, leader: Leader): boolean {
  let allHaveRoom = true;
  for (const progress of leader.progress.values()) if (progress.diskLow) allHaveRoom = false;
  return allHaveRoom || isQuorum(state.log.configuration, (id) => leader.progress.get(id)?.diskLow !== true);
}

function refuseHere(state: RaftState, ids: readonly ProposalId[], reason: ProposalRefusal): void {
  refuse(state, ids, reason, true);
}

function refuse(state: RaftState, ids: readonly ProposalId[], reason: ProposalRefusal, certain: boolean): void {
  emit(state, { kind: 'proposals-refused', ids, reason, certain, leader: knownLeader(state) });
}

function idOf({ session, sequence }: Proposal): ProposalId {
  return { session, sequence };
}

/** Consecutive parts of at most `maxBytes` of payload, of at least one proposal each. */
function parts(proposals: readonly Proposal[], maxBytes: number): Proposal[][] {
  const result: Proposal[][] = [];
  let part: Proposal[] = [];
  let bytes = 0;
  for (const proposal of proposals) {
    bytes += proposal.payload.length;
    if (part.length > 0 && bytes > maxBytes) {
      result.push(part);
      part = [];
      bytes = proposal.payload.length;
    }
    part.push(proposal);
  }
  if (part.length > 0) result.push(part);
  return result;
}
