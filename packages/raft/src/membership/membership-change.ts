import type { MemberId } from '../vocabulary/member-id.ts';
import { type Configuration, findMember, isJoint, isVoter, type Member, sortedIds } from './configuration.ts';
import { maxMembers } from './configuration-codec.ts';

export type MembershipChange =
  /** A new member, with an id not used before. It gets the log and counts for nothing until promoted (rule 41). */
  | { readonly kind: 'add-learner'; readonly member: Member }
  | { readonly kind: 'promote'; readonly id: MemberId }
  | { readonly kind: 'demote'; readonly id: MemberId }
  | { readonly kind: 'remove'; readonly id: MemberId }
  /** New address or preference; id and directory stay. */
  | { readonly kind: 'update'; readonly id: MemberId; readonly address: string; readonly preferred: boolean };

/** Why a change of membership was not even appended. `message` is for the operator: what was found and what to do. */
export interface ChangeRefusal {
  /**
   * - `not-leader`: ask the leader.
   * - `not-ready`: the leader has not yet committed an entry of its own term (rule 38).
   * - `pending`: another change is not yet committed, or still joint.
   * - `invalid`: makes no sense for the present configuration.
   * - `not-caught-up`: the learner to promote lags or is out of contact.
   * - `would-lose-quorum`: a majority of the new voters would not be reachable and sound.
   * - `busy`: leadership is being transferred, or the disk is low.
   */
  readonly reason: 'not-leader' | 'not-ready' | 'pending' | 'invalid' | 'not-caught-up' | 'would-lose-quorum' | 'busy';
  readonly message: string;
}

export type ChangedConfiguration =
  | { readonly ok: true; readonly configuration: Configuration }
  | { readonly ok: false; readonly message: string };

interface Draft {
  readonly voters: Set<MemberId>;
  readonly learners: Set<MemberId>;
  readonly members: Map<MemberId, Member>;
  nextMemberId: number;
}

/**
 * The configuration to append for these changes. When at most one voter comes or goes it takes effect as it is, since any two majorities
 * then overlap; otherwise it is joint and must be left by `leaveJoint` once committed.
 */
export function changeConfiguration(
  configuration: Configuration,
  changes: readonly MembershipChange[],
): ChangedConfiguration {
  if (isJoint(configuration)) return invalid('the present configuration is still joint');
  if (changes.length === 0) return invalid('no change was named');
  const draft: Draft = {
    voters: new Set(configuration.voters),
    learners: new Set(configuration.learners),
    members: new Map(configuration.members.map((member) => [member.id, member])),
    nextMemberId: configuration.nextMemberId,
  };
  const touched = new Set<MemberId>();
  for (const change of changes) {
    const id = change.kind === 'add-learner' ? change.member.id : change.id;
    if (touched.has(id)) return invalid(`member ${id} is named by two changes`);
    touched.add(id);
    const fault = change.kind === 'add-learner' ? addLearner(draft, change.member) : alterMember(draft, change);
    if (fault !== undefined) return invalid(fault);
  }
  if (draft.voters.size === 0) return invalid('no voter would be left');
  if (draft.members.size > maxMembers) return invalid(`a cluster has at most ${maxMembers} members`);
  return { ok: true, configuration: settle(configuration, draft) };
}

/** The configuration that ends a joint one. */
export function leaveJoint(configuration: Configuration): Configuration {
  const learners = sortedIds(new Set([...configuration.learners, ...configuration.learnersNext]));
  const left: Configuration = { ...configuration, outgoing: [], learners, learnersNext: [] };
  return { ...left, members: left.members.filter(({ id }) => left.voters.includes(id) || learners.includes(id)) };
}

function addLearner(draft: Draft, member: Member): string | undefined {
  if (member.id < draft.nextMemberId) {
    return `member id ${member.id} was given away before, the next free one is ${draft.nextMemberId}`;
  }
  for (const other of draft.members.values()) {
    if (other.directory === member.directory) {
      return `data directory ${member.directory} already belongs to member ${other.id}`;
    }
  }
  draft.members.set(member.id, member);
  draft.learners.add(member.id);
  draft.nextMemberId = member.id + 1;
  return undefined;
}

function alterMember(draft: Draft, change: Exclude<MembershipChange, { kind: 'add-learner' }>): string | undefined {
  const { id } = change;
  const member = draft.members.get(id);
  if (member === undefined) return `member ${id} is not in the cluster`;
  switch (change.kind) {
    case 'promote':
      if (!draft.learners.delete(id)) return `member ${id} is a voter already`;
      draft.voters.add(id);
      return undefined;
    case 'demote':
      if (!draft.voters.delete(id)) return `member ${id} is a learner already`;
      draft.learners.add(id);
      return undefined;
    case 'remove':
      draft.voters.delete(id);
      draft.learners.delete(id);
      draft.members.delete(id);
      return undefined;
    case 'update':
      draft.members.set(id, { ...member, address: change.address, preferred: change.preferred });
      return undefined;
  }
}

function settle(before: Configuration, draft: Draft): Configuration {
  const voters = sortedIds(draft.voters);
  const come = voters.filter((id) => !isVoter(before, id));
  const gone = before.voters.filter((id) => !draft.voters.has(id));
  if (come.length + gone.length <= 1) {
    return {
      voters,
      outgoing: [],
      learners: sortedIds(draft.learners),
      learnersNext: [],
      members: membersById(draft.members),
      nextMemberId: draft.nextMemberId,
    };
  }
  // Who leaves the old half stays on record until the joint change is left: it still votes and commits.
  for (const id of gone) {
    const member = draft.members.get(id) ?? findMember(before, id);
    if (member !== undefined) draft.members.set(id, member);
  }
  return {
    voters,
    outgoing: before.voters,
    learners: sortedIds(draft.learners).filter((id) => !gone.includes(id)),
    learnersNext: gone.filter((id) => draft.learners.has(id)),
    members: membersById(draft.members),
    nextMemberId: draft.nextMemberId,
  };
}

function membersById(members: ReadonlyMap<MemberId, Member>): Member[] {
  return [...members.values()].sort((a, b) => a.id - b.id);
}

function invalid(message: string): ChangedConfiguration {
  return { ok: false, message };
}
