import type { MemberId } from '../vocabulary/member-id.ts';
import { type Configuration, findMember } from './configuration.ts';

/** What two members tell each other before the first message on a connection (rule 44). */
export interface Handshake {
  readonly clusterId: string;
  readonly member: MemberId;
  /** Whom the connection is meant for. */
  readonly peer: MemberId;
  readonly directory: string;
  readonly incarnation: number;
  /** Versions of the message codec the sender understands, inclusive. */
  readonly protocolMin: number;
  readonly protocolMax: number;
}

export interface HandshakeRefusal {
  readonly reason: 'other-cluster' | 'other-member' | 'other-directory' | 'no-common-protocol';
  /** For the operator of the refused process: what was found and what to do. */
  readonly message: string;
}

/**
 * Whether `mine` may talk to the process that sent `theirs`. `configuration` is the one in force here; a member it does not know is
 * let in, since it may be newer than this configuration.
 */
export function checkHandshake(
  mine: Handshake,
  theirs: Handshake,
  configuration: Configuration,
): HandshakeRefusal | undefined {
  if (theirs.clusterId !== mine.clusterId) {
    return {
      reason: 'other-cluster',
      message: `member ${theirs.member} belongs to cluster ${theirs.clusterId}, this is ${mine.clusterId}: check the address it was given`,
    };
  }
  if (theirs.peer !== mine.member) {
    return {
      reason: 'other-member',
      message: `member ${theirs.member} looks for member ${theirs.peer} here, this is ${mine.member}: its addresses are out of date`,
    };
  }
  const known = findMember(configuration, theirs.member);
  if (known !== undefined && known.directory !== theirs.directory) {
    return {
      reason: 'other-directory',
      message:
        `member ${theirs.member} shows data directory ${theirs.directory}, it joined with ${known.directory}: ` +
        'a server that lost its data may not come back under its old id; remove the member and join again as a new one',
    };
  }
  if (theirs.protocolMax < mine.protocolMin || theirs.protocolMin > mine.protocolMax) {
    return {
      reason: 'no-common-protocol',
      message: `member ${theirs.member} speaks protocol ${theirs.protocolMin} to ${theirs.protocolMax}, this one ${mine.protocolMin} to ${mine.protocolMax}: upgrade one version at a time`,
    };
  }
  return undefined;
}
