import { type Configuration, emptyConfiguration, findMember, memberId, type RoleKind } from '@berth/raft';
import type { StorageReport } from '../consensus/storage-report.ts';
import { LeadershipBoard } from '../leadership-board.ts';
import { decodeAddress, memberAddress, statusMembers } from '../member-record.ts';
import type { Leadership, StoreStatus } from '../store.ts';

interface Role {
  readonly role: RoleKind;
  readonly term: number;
  readonly leader: number | undefined;
}

const afterRemoval = 'stop it; to take it in again, empty its data directory and let it join as a new server';

/** Who is in the cluster, who leads it and who does not answer, as the core last told. */
export class ClusterView {
  readonly board: LeadershipBoard = new LeadershipBoard({ kind: 'leaderless', reason: 'this server is starting' });
  #configuration: Configuration = emptyConfiguration;
  #role: Role = { role: 'follower', term: 0, leader: undefined };
  #unreachable: ReadonlyMap<number, string> = new Map();
  #report: StorageReport = { verdict: 'ok', reasons: [] };
  #self = 0;
  #removed = false;
  /** Highest term of which this server has applied an entry. */
  #appliedTerm = 0;
  readonly #changed = new Set<() => void>();

  get role(): Role {
    return this.#role;
  }

  get configuration(): Configuration {
    return this.#configuration;
  }

  get members(): StoreStatus['members'] {
    return statusMembers(this.#configuration);
  }

  get unreachable(): ReadonlyMap<number, string> {
    return this.#unreachable;
  }

  /** Whether proposals and reads have somebody to go to. */
  get hasLeader(): boolean {
    return this.#role.leader !== undefined;
  }

  /** Own member id, 0 before the start. */
  get self(): number {
    return this.#self;
  }

  close(): void {
    this.#changed.clear();
    this.board.announce({ kind: 'leaderless', reason: 'the store is shutting down' });
  }

  begin(self: number, configuration: Configuration, report: StorageReport): void {
    this.#self = self;
    this.#configuration = configuration;
    this.#report = report;
  }

  setRole(role: Role): void {
    this.#role = role;
    this.#announce();
  }

  setConfiguration(configuration: Configuration): void {
    this.#configuration = configuration;
    this.#announce();
  }

  /** For ever: an id that was taken back is not given away again. */
  setRemoved(): void {
    this.#removed = true;
    this.#announce();
  }

  setUnreachable(peers: ReadonlyMap<number, string>): void {
    this.#unreachable = peers;
    this.#announce();
  }

  /** An entry of this term was applied here. */
  applied(term: number): void {
    if (term <= this.#appliedTerm) return;
    this.#appliedTerm = term;
    this.#announce();
  }

  /** Called whenever role or leader have changed. */
  onRole(listener: () => void): Disposable {
    this.#changed.add(listener);
    return { [Symbol.dispose]: () => void this.#changed.delete(listener) };
  }

  /** A sentence for those who wait for a leader. */
  leaderlessReason(): string {
    if (this.#removed) return `${this.#nameOf(this.#self)} was removed from the cluster: ${afterRemoval}`;
    const parts = [`no leader is known to ${this.#nameOf(this.#self)}`];
    const founded = this.#configuration.voters.length > 0;
    const missing = [...this.#unreachable].filter(([id]) => !founded || this.#isVoter(id));
    for (const [id, why] of missing) parts.push(`${this.#nameOf(id)} does not answer (${why})`);
    if (this.#report.verdict === 'quarantined')
      parts.push(`this server is quarantined until a leader brings it up to date: ${this.#report.reasons.join('; ')}`);
    if (!founded) parts.push('no leader has found this server yet');
    return parts.join('; ');
  }

  #announce(): void {
    this.board.announce(this.#leadership());
    for (const listener of [...this.#changed]) listener();
  }

  /** Leadership is announced only when everything of earlier reigns is applied: a leader that decides on old state would be wrong. */
  #leadership(): Leadership {
    const { role, term, leader } = this.#role;
    if (this.#removed) return { kind: 'leaderless', reason: this.leaderlessReason(), removed: true };
    if (role === 'leader') {
      if (this.#appliedTerm >= term) return { kind: 'leader', fence: { token: String(term) } };
      return { kind: 'leaderless', reason: 'this server was elected and is applying what was decided before' };
    }
    const member = leader === undefined ? undefined : findMember(this.#configuration, memberId(leader));
    if (member !== undefined) return { kind: 'follower', leader: memberAddress(member) };
    return { kind: 'leaderless', reason: this.leaderlessReason() };
  }

  #isVoter(id: number): boolean {
    return this.#configuration.voters.includes(memberId(id)) || this.#configuration.outgoing.includes(memberId(id));
  }

  #nameOf(id: number): string {
    const member = id === 0 ? undefined : findMember(this.#configuration, memberId(id));
    if (member === undefined) return `member ${id}`;
    const { name, peerAddress } = decodeAddress(member.address);
    return `${name} (${peerAddress})`;
  }
}
