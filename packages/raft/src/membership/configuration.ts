import type { MemberId } from '../vocabulary/member-id.ts';

/** What the cluster knows of one member. Part of the replicated configuration, so that a new leader can reach everybody (rule 45). */
export interface Member {
  readonly id: MemberId;
  /** Identity of its data directory (a UUID); a process that shows another one is refused (rule 44). */
  readonly directory: string;
  /** Opaque to the core: name and addresses, as the shell encodes them. At most 4 KiB of UTF-8. */
  readonly address: string;
  /** Preferred as leader: it waits [T, 2T) before it campaigns where others wait [2T, 3T). */
  readonly preferred: boolean;
}

/**
 * Who decides. While `outgoing` is not empty the change is joint: elections, commits, reads and check-quorum need a majority of
 * `voters` **and** one of `outgoing` (rule 39). All id lists are ascending and without doubles.
 */
export interface Configuration {
  readonly voters: readonly MemberId[];
  /** Voters of the configuration being left; empty outside a joint change. */
  readonly outgoing: readonly MemberId[];
  /** Receive the log, count for nothing. */
  readonly learners: readonly MemberId[];
  /** Voters of `outgoing` that become learners when the joint change is left. */
  readonly learnersNext: readonly MemberId[];
  /** A record for everyone named above, ascending by id. */
  readonly members: readonly Member[];
  /** The smallest id that may still be given away; grows only, so that no id is used twice. */
  readonly nextMemberId: number;
}

/** Of a member that was not yet added to a cluster: it waits to be found, and never campaigns. */
export const emptyConfiguration: Configuration = {
  voters: [],
  outgoing: [],
  learners: [],
  learnersNext: [],
  members: [],
  nextMemberId: 1,
};

/** The configuration a cluster is born with. All founders must be given the very same one. */
export function foundingConfiguration(voters: readonly Member[], learners: readonly Member[] = []): Configuration {
  const members = [...voters, ...learners].sort((a, b) => a.id - b.id);
  for (let i = 1; i < members.length; i++) {
    if (members[i - 1]?.id === members[i]?.id) throw new RangeError(`founding member ${members[i]?.id} is named twice`);
  }
  return {
    voters: sortedIds(voters.map((member) => member.id)),
    outgoing: [],
    learners: sortedIds(learners.map((member) => member.id)),
    learnersNext: [],
    members,
    nextMemberId: (members.at(-1)?.id ?? 0) + 1,
  };
}

export function isJoint(configuration: Configuration): boolean {
  return configuration.outgoing.length > 0;
}

/** Whether the member counts, in either half of a joint configuration. */
export function isVoter(configuration: Configuration, id: MemberId): boolean {
  return configuration.voters.includes(id) || configuration.outgoing.includes(id);
}

export function findMember(configuration: Configuration, id: MemberId): Member | undefined {
  return configuration.members.find((member) => member.id === id);
}

export function sortedIds(ids: Iterable<MemberId>): MemberId[] {
  return [...ids].sort((a, b) => a - b);
}
