import type { Configuration, Member } from '@berth/raft';
import type { MemberAddress, StoreStatus } from './store.ts';

/** What the replicated configuration says of a member beside its identity: the core carries it as an opaque text. */
export interface MemberRecord {
  /** The server's name, unique in the cluster. */
  readonly name: string;
  /** `host:port` of HTTPS API, agent gateway and consensus peer port. */
  readonly apiAddress: string;
  readonly gatewayAddress: string;
  readonly peerAddress: string;
  /** False for a member that shall stay a learner: a copy for local reads, or one that was demoted. */
  readonly promote: boolean;
}

export function encodeAddress(record: MemberRecord): string {
  const { name, apiAddress, gatewayAddress, peerAddress, promote } = record;
  return JSON.stringify({ name, apiAddress, gatewayAddress, peerAddress, promote });
}

/** Of a text that a member of this cluster wrote. */
export function decodeAddress(address: string): MemberRecord {
  return JSON.parse(address) as MemberRecord;
}

export function memberAddress({ id, address }: Member): MemberAddress {
  const { name, apiAddress, gatewayAddress, peerAddress } = decodeAddress(address);
  return { memberId: String(id), name, apiAddress, gatewayAddress, peerAddress };
}

export function statusMembers(configuration: Configuration): StoreStatus['members'] {
  return configuration.members.map((member) => ({
    ...memberAddress(member),
    role: configuration.learners.includes(member.id) ? ('learner' as const) : ('voter' as const),
  }));
}
