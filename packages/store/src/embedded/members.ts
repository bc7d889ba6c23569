import type { AdminOutcome, AdminRequest } from '../link/admin.ts';
import { encodeAddress, type MemberRecord } from '../member-record.ts';
import type { MemberAddress } from '../store.ts';
import { StoreError } from '../store-error.ts';
import type { ClusterView } from './cluster-view.ts';

/** A server that asks to be taken in. */
export interface NewMember extends Omit<MemberAddress, 'memberId'> {
  /** The UUID of its data directory, see `dataDirectoryId`. */
  readonly directory: string;
  /** False for a learner that shall stay one. Default true. */
  readonly promote?: boolean;
}

/** What a new server needs to open its store. */
export interface Admission {
  readonly clusterId: string;
  readonly groupId: string;
  readonly memberId: number;
}

export interface MemberStatus extends MemberAddress {
  readonly role: 'voter' | 'learner';
  readonly leader: boolean;
  /** Why this server cannot reach it; undefined when it can, or when it is itself. */
  readonly unreachable: string | undefined;
}

/**
 * The membership of the cluster. Changes are carried out by the leader, whichever server is asked, and answered when committed. They
 * are refused with `invalid` and a sentence when they make no sense or would lose the quorum, with `unavailable` when no leader can be
 * reached, or when it is not known whether they were done.
 */
export interface Members {
  list(): readonly MemberStatus[];
  /** As a learner, promoted by itself when it has caught up. The same directory gets the same answer again. */
  add(member: NewMember): Promise<Admission>;
  promote(memberId: string): Promise<void>;
  /** To a learner that stays one. */
  demote(memberId: string): Promise<void>;
  remove(memberId: string): Promise<void>;
  /** Hands the leadership to this member. */
  transfer(memberId: string): Promise<void>;
  /** New addresses of a member. */
  update(memberId: string, record: MemberRecord): Promise<void>;
}

export interface MembersPort {
  readonly clusterId: string;
  readonly view: ClusterView;
  ask(request: AdminRequest): Promise<AdminOutcome>;
}

/** Refusals after which the same request may succeed later. */
const passing: ReadonlySet<string> = new Set(['unavailable', 'no-leader', 'pending', 'timed-out', 'aborted']);

export function members(port: MembersPort): Members {
  const ask = async (request: AdminRequest): Promise<Extract<AdminOutcome, { kind: 'done' }>> => {
    const outcome = await port.ask(request);
    if (outcome.kind === 'done') return outcome;
    throw new StoreError(passing.has(outcome.reason) ? 'unavailable' : 'invalid', outcome.message);
  };
  return {
    list: () => list(port.view),
    async add({ directory, promote = true, ...addresses }) {
      const { member, groupId } = await ask({
        kind: 'add',
        directory,
        address: encodeAddress({ ...addresses, promote }),
      });
      return { clusterId: port.clusterId, groupId, memberId: member };
    },
    promote: async (memberId) => void (await ask({ kind: 'promote', member: numberOf(memberId) })),
    demote: async (memberId) => void (await ask({ kind: 'demote', member: numberOf(memberId) })),
    remove: async (memberId) => void (await ask({ kind: 'remove', member: numberOf(memberId) })),
    transfer: async (memberId) => void (await ask({ kind: 'transfer', to: numberOf(memberId) })),
    update: async (memberId, record) =>
      void (await ask({ kind: 'update', member: numberOf(memberId), address: encodeAddress(record) })),
  };
}

function list(view: ClusterView): readonly MemberStatus[] {
  return view.members.map((member) => ({
    ...member,
    leader: String(view.role.leader) === member.memberId,
    unreachable: view.unreachable.get(Number(member.memberId)),
  }));
}

function numberOf(memberId: string): number {
  const id = Number(memberId);
  if (!Number.isSafeInteger(id) || id < 1)
    throw new StoreError('invalid', `a member id is a whole number >= 1, got "${memberId}"`);
  return id;
}
