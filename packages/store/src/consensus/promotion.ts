import { findMember, inspect, type RaftState } from '@berth/raft';
import { decodeAddress } from '../member-record.ts';

/** A learner that has caught up and is meant to be a voter; undefined when there is none or this member does not lead. */
export function nextToPromote(state: RaftState): number | undefined {
  const { role, configuration, peers } = inspect(state);
  if (role !== 'leader' || configuration.learners.length === 0) return undefined;
  return configuration.learners.find((id) => {
    const member = findMember(configuration, id);
    const caughtUp = peers.find((peer) => peer.id === id)?.caughtUp === true;
    return caughtUp && member !== undefined && decodeAddress(member.address).promote;
  });
}
