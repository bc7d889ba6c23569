import { type Configuration, type LogBase, memberId } from '@berth/raft';
import { encodeAddress } from '../member-record.ts';
import type { MemberAddress } from '../store.ts';

/** The only voter of a cluster that is made of what another one left. */
export interface SoloMember {
  readonly memberId: number;
  /** UUID of its data directory. */
  readonly directory: string;
  readonly member: Omit<MemberAddress, 'memberId'>;
}

/** The same place in the log, with this member alone deciding. Ids that were given away stay given away. */
export function soloBase(base: LogBase, survivor: SoloMember): LogBase {
  const id = memberId(survivor.memberId);
  const address = encodeAddress({ ...survivor.member, promote: true });
  const configuration: Configuration = {
    voters: [id],
    outgoing: [],
    learners: [],
    learnersNext: [],
    members: [{ id, directory: survivor.directory, address, preferred: false }],
    nextMemberId: Math.max(base.configuration.nextMemberId, survivor.memberId + 1),
  };
  return { ...base, configuration, configurationIndex: base.index };
}
