import { findMember, inspect, type RaftState } from '@berth/raft';
import type { consensusV1 } from '@berth/wire';
import {
  type AdminOutcome,
  type AdminRequest,
  decodeAdminOutcome,
  decodeAdminRequest,
  encodeAdminOutcome,
  encodeAdminRequest,
} from '../link/admin.ts';
import type { PeerTransport } from '../transport/peer-transport.ts';
import type { Administration } from './administration.ts';

/** Brings changes of membership to the leader, whichever member was asked. */
export class AdminRouting {
  readonly #groupId: string;
  readonly #state: RaftState;
  readonly #administration: Administration;

  constructor(groupId: string, state: RaftState, administration: Administration) {
    this.#groupId = groupId;
    this.#state = state;
    this.#administration = administration;
  }

  /** Here when this member leads, otherwise where the leader is. */
  async anywhere(request: AdminRequest, transport: PeerTransport): Promise<AdminOutcome> {
    const { role, leader, configuration } = inspect(this.#state);
    if (role === 'leader') return await this.#administration.carryOut(request);
    const member = leader === undefined ? undefined : findMember(configuration, leader);
    if (member === undefined) return noLeader('no leader is known here');
    try {
      const response = await transport.administer(member.address, encodeAdminRequest(this.#groupId, request));
      return decodeAdminOutcome(response, this.#groupId);
    } catch (error) {
      return unavailable(`the leader did not answer: ${String(error)}`);
    }
  }

  /** Asked by another member, which believes that this one leads. */
  async here(request: consensusV1.AdministerRequest): Promise<consensusV1.AdministerResponse> {
    const change = decodeAdminRequest(request);
    if (request.groupId !== this.#groupId || change === undefined)
      return encodeAdminOutcome({ kind: 'refused', reason: 'invalid', message: 'the request is not for this cluster' });
    if (inspect(this.#state).role !== 'leader') return encodeAdminOutcome(noLeader('this member does not lead'));
    return encodeAdminOutcome(await this.#administration.carryOut(change));
  }
}

/** Nothing was done: trying again is safe. */
function noLeader(message: string): AdminOutcome {
  return { kind: 'refused', reason: 'no-leader', message };
}

function unavailable(message: string): AdminOutcome {
  return { kind: 'refused', reason: 'unavailable', message };
}
