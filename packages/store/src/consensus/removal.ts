import { type Configuration, findMember, type MemberId } from '@berth/raft';

/**
 * Whether a member was given this id and has lost it again, according to a committed configuration. However old that one is, this holds for
 * ever, since ids are not used again (rule 44). Not so for an id that was not yet given away: its owner may know a newer configuration.
 */
export function wasRemoved(configuration: Configuration, id: MemberId): boolean {
  return id < configuration.nextMemberId && findMember(configuration, id) === undefined;
}
