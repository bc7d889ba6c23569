import type { MemberAddress, Store } from '@berth/store';
import type { FastifyInstance } from 'fastify';
import { serverList } from './server-list.ts';
import { readServerRecords } from './server-records.ts';

export interface ServerRoutesOptions {
  readonly store: Pick<Store, 'status' | 'range' | 'clusterId'>;
  readonly self: MemberAddress;
}

/** What `berth status` shows of the control plane, from this server's point of view and also without a quorum. */
export function serverRoutes(app: FastifyInstance, { self, store }: ServerRoutesOptions): void {
  app.get('/berth/v1/servers', async () => {
    const { compactRevision, leadership, members, revision } = store.status();
    const leader =
      leadership.kind === 'leader' ? self.name : leadership.kind === 'follower' ? leadership.leader.name : '';
    const records = new Map((await readServerRecords(store)).map((record) => [record.name, record]));
    const roles = new Map(members.map((member) => [member.name, member.role]));
    return {
      clusterId: store.clusterId,
      servedBy: self.name,
      leader,
      ...(leadership.kind === 'leaderless' ? { reason: leadership.reason } : {}),
      revision,
      compactRevision,
      items: serverList(store, self).map((server) => ({
        ...server,
        ...records.get(server.name),
        role: roles.get(server.name) ?? '',
        leads: server.name === leader,
      })),
    };
  });
}
