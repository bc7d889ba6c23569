import { ApiError } from '@berth/api';
import { type EmbeddedStore, type MemberAddress, type MemberStatus, StoreError } from '@berth/store';
import type { FastifyInstance } from 'fastify';
import { toApiError } from '../registry/store-failure.ts';
import { readServerRecords } from './server-records.ts';

/** The consensus group of the embedded store, as its operators need it. */
export type ConsensusGroup = Pick<EmbeddedStore, 'members' | 'metrics' | 'range' | 'snapshot' | 'status'>;

export interface MemberRoutesOptions {
  /** Undefined when the engine has no members of its own (etcd). */
  readonly group: ConsensusGroup | undefined;
  readonly self: MemberAddress;
}

const actions = ['promote', 'demote', 'remove', 'transfer'] as const;
type MemberAction = (typeof actions)[number];

/**
 * What `berth member` and `berth recover` speak. Reading works without a quorum: every server tells how far its own log reaches, which
 * is what has to be compared when a majority is lost.
 */
export function memberRoutes(app: FastifyInstance, { group, self }: MemberRoutesOptions): void {
  app.get('/berth/v1/members', async () => {
    const known = groupOf(group);
    const records = new Map((await readServerRecords(known)).map((record) => [record.name, record]));
    const status = known.metrics().core?.status;
    const matches = new Map(status?.peers.map(({ id, match }) => [String(id), Number(match)]));
    return {
      servedBy: self.name,
      ...(status === undefined ? {} : { log: ownLog(status) }),
      items: known.members.list().map((member) => ({
        ...member,
        zone: records.get(member.name)?.zone ?? '',
        dataDir: records.get(member.name)?.dataDir ?? '',
        ...(matches.has(member.memberId) ? { matchIndex: matches.get(member.memberId) } : {}),
      })),
    };
  });

  app.post<{ Params: { name: string; action: string } }>('/berth/v1/members/:name/:action', async ({ params }) => {
    const { members } = groupOf(group);
    const action = actionOf(params.action);
    const member = memberOf(members.list(), params.name);
    try {
      await members[action](member.memberId);
    } catch (error) {
      if (error instanceof StoreError && error.code === 'invalid')
        throw new ApiError('Conflict', `${action} ${member.name}: ${error.message}; nothing was changed`);
      throw toApiError(error, 'write');
    }
    const details = { name: member.name, kind: 'members' };
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
  });
}

function ownLog({ term, lastTerm, lastIndex, commitIndex, quarantinedUpTo }: OwnLogStatus): object {
  return {
    term: Number(term),
    lastTerm: Number(lastTerm),
    lastIndex: Number(lastIndex),
    commitIndex: Number(commitIndex),
    quarantined: quarantinedUpTo !== undefined,
  };
}

type OwnLogStatus = Pick<
  NonNullable<ReturnType<EmbeddedStore['metrics']>['core']>['status'],
  'term' | 'lastTerm' | 'lastIndex' | 'commitIndex' | 'quarantinedUpTo'
>;

export function groupOf(group: ConsensusGroup | undefined): ConsensusGroup {
  if (group !== undefined) return group;
  throw new ApiError(
    'NotImplemented',
    'this cluster keeps its state in etcd: its members and snapshots are the affair of etcdctl',
  );
}

function actionOf(text: string): MemberAction {
  const action = actions.find((candidate) => candidate === text);
  if (action !== undefined) return action;
  throw new ApiError('NotFound', `members can be asked to ${actions.join(', ')}, not to ${JSON.stringify(text)}`);
}

/** By name, or by the id that the list shows: two members may have had the same name for a moment. */
function memberOf(members: readonly MemberStatus[], wanted: string): MemberStatus {
  const found = members.find(({ name }) => name === wanted) ?? members.find(({ memberId }) => memberId === wanted);
  if (found !== undefined) return found;
  const names = members.map(({ name }) => name).join(', ');
  throw new ApiError('NotFound', `there is no member ${JSON.stringify(wanted)}: the members are ${names}`);
}
