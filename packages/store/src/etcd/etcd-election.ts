import type { World } from '@berth/world';
import { LeadershipBoard } from '../leadership-board.ts';
import { type Revision, revision } from '../revision.ts';
import type { MemberAddress, StoreStatus } from '../store.ts';
import type { EtcdChannel } from './etcd-channel.ts';
import type { EngineEvent } from './etcd-event-groups.ts';
import { type EtcdKeys, noBytes } from './etcd-keys.ts';
import { EtcdLease } from './etcd-lease.ts';
import { compareCreated, headerRevision, putOperation } from './etcd-txn.ts';

interface Reign {
  readonly leader: MemberAddress;
  /** Create revision of the leader's key: the fence. */
  readonly createRevision: number;
}

const campaignRetryMs = 250;

/**
 * One of the servers that share an etcd leads: the one whose lease holds the leader's key. Also keeps the list of living servers, one
 * key each under its lease.
 */
export class EtcdElection {
  readonly board: LeadershipBoard = new LeadershipBoard({ kind: 'leaderless', reason: 'not yet connected to etcd' });
  readonly #world: World;
  readonly #channel: EtcdChannel;
  readonly #keys: EtcdKeys;
  readonly #self: MemberAddress;
  readonly #lease: EtcdLease;
  readonly #members = new Map<string, MemberAddress>();
  #reign: Reign | undefined;
  #leaseId = 0;
  #registeredAt: Revision = revision(0);
  #alive = false;
  #campaigning = false;
  #closed = false;

  constructor(world: World, channel: EtcdChannel, keys: EtcdKeys, self: MemberAddress) {
    this.#world = world;
    this.#channel = channel;
    this.#keys = keys;
    this.#self = self;
    this.#lease = new EtcdLease(world, channel, {
      granted: (lease) => this.#register(lease),
      alive: (alive) => {
        this.#alive = alive;
        this.#announce();
      },
    });
  }

  get members(): StoreStatus['members'] {
    return [...this.#members.values()].map((member) => ({ ...member, role: 'voter' as const }));
  }

  /** Resolves with the revision that shows this server among the members. */
  async start(): Promise<Revision> {
    await this.#lease.start();
    return this.#registeredAt;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#lease.close();
    this.board.announce({ kind: 'leaderless', reason: 'the store is shutting down' });
  }

  /** All engine keys as they stand. */
  load(events: readonly EngineEvent[]): void {
    this.#members.clear();
    this.#reign = undefined;
    for (const event of events) this.#note(event);
    this.#announce();
  }

  take(events: readonly EngineEvent[]): void {
    for (const event of events) this.#note(event);
    if (events.length > 0) this.#announce();
  }

  #note(event: EngineEvent): void {
    if (event.etcdKey === this.#keys.leader) {
      const leader = memberOf(event);
      this.#reign = leader === undefined ? undefined : { leader, createRevision: event.createRevision };
    } else if (event.etcdKey.startsWith(this.#keys.members.from)) {
      const member = memberOf(event);
      if (member === undefined) this.#members.delete(event.etcdKey);
      else this.#members.set(event.etcdKey, member);
    }
  }

  async #register(lease: number): Promise<void> {
    this.#leaseId = lease;
    const key = `${this.#keys.members.from}${this.#self.memberId}`;
    const put = putOperation(key, this.#card(), lease);
    const { header } = await this.#channel.txn({ compare: [], success: [put], failure: [] });
    this.#registeredAt = headerRevision(header);
    this.#announce();
  }

  #announce(): void {
    const reign = this.#reign;
    if (this.#closed) return;
    if (reign === undefined) {
      this.board.announce({ kind: 'leaderless', reason: 'no server holds the lease of the leader in etcd' });
      this.#campaign();
    } else if (reign.leader.memberId !== this.#self.memberId) {
      this.board.announce({ kind: 'follower', leader: reign.leader });
    } else if (this.#alive) {
      this.board.announce({ kind: 'leader', fence: { token: String(reign.createRevision) } });
    } else {
      this.board.announce({ kind: 'leaderless', reason: 'this server cannot renew its lease in etcd' });
    }
  }

  /** Writes the leader's key if it is still free. Who won is learned from the mirror, like everybody else does. */
  #campaign(): void {
    if (this.#campaigning || !this.#alive || this.#leaseId === 0) return;
    this.#campaigning = true;
    const free = compareCreated(this.#keys.leader, 0);
    const take = putOperation(this.#keys.leader, this.#card(), this.#leaseId);
    this.#channel
      .txn({ compare: [free], success: [take], failure: [] })
      .catch(() => noBytes)
      .finally(() => {
        this.#world.timers.after(campaignRetryMs, () => {
          this.#campaigning = false;
          this.#announce();
        });
      });
  }

  #card(): Buffer {
    return Buffer.from(JSON.stringify(this.#self));
  }
}

function memberOf({ value }: EngineEvent): MemberAddress | undefined {
  return value === undefined ? undefined : (JSON.parse(Buffer.from(value).toString()) as MemberAddress);
}
