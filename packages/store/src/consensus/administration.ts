import { type Configuration, type Effect, type Event, findMember, type MembershipChange, memberId } from '@berth/raft';
import type { World } from '@berth/world';
import type { AdminOutcome, AdminRequest } from '../link/admin.ts';
import { decodeAddress, encodeAddress } from '../member-record.ts';
import { unreachable } from '../unreachable.ts';

/** What the leader's side of a change needs from the shell around the core. */
export interface AdministrationPort {
  readonly world: World;
  readonly groupId: string;
  configuration(): Configuration;
  dispatch(event: Event): void;
}

const deadlineMs = 10_000;
const tryAgainMs = 100;
/** Refusals that go away by themselves. */
const passing: ReadonlySet<string> = new Set(['pending', 'not-ready', 'busy']);

interface Pending {
  /** Index of the configuration that must be committed; undefined while it is not appended. */
  index: number | undefined;
  readonly settle: (outcome: AdminOutcome | 'try-again') => void;
}

/** Carries out changes of membership and transfers on the leader, and answers when they are committed. */
export class Administration {
  readonly #port: AdministrationPort;
  readonly #pending = new Map<number, Pending>();
  readonly #ending = new AbortController();
  #transfer: { readonly to: number; readonly settle: (outcome: AdminOutcome) => void } | undefined;
  #nextId = 1;

  constructor(port: AdministrationPort) {
    this.#port = port;
  }

  async carryOut(request: AdminRequest): Promise<AdminOutcome> {
    switch (request.kind) {
      case 'add':
        return await this.#add(request.directory, request.address);
      case 'demote': {
        // Told first, or it would be promoted again as soon as it has caught up.
        const stays = await this.#keepAsLearner(request.member);
        return stays.kind === 'refused'
          ? stays
          : await this.#change([{ kind: 'demote', id: memberId(request.member) }]);
      }
      case 'promote':
      case 'remove':
        return await this.#change([{ kind: request.kind, id: memberId(request.member) }]);
      case 'update':
        return await this.#change([
          { kind: 'update', id: memberId(request.member), address: request.address, preferred: false },
        ]);
      case 'transfer':
        return await this.#handOver(request.to);
      default:
        return unreachable(request);
    }
  }

  /** Nothing more will be committed here: whoever waits is told so. */
  close(): void {
    this.#ending.abort();
    this.#lost();
    this.#transferred('aborted', 'the server is shutting down');
  }

  /** To be shown every effect: some of them answer changes under way. */
  observe(effect: Effect): void {
    switch (effect.kind) {
      case 'membership-appended':
        this.#appended(effect.id, effect.index);
        return;
      case 'membership-refused': {
        const { reason, message } = effect.refusal;
        const known = reason === 'not-leader' ? 'no-leader' : reason;
        this.#settle(effect.id, passing.has(reason) ? 'try-again' : { kind: 'refused', reason: known, message });
        return;
      }
      case 'configuration-changed':
        if (effect.committed) this.#committed(effect.index);
        return;
      case 'role-changed':
        if (effect.role !== 'leader') this.#lost();
        return;
      case 'transfer-ended':
        this.#transferred(effect.outcome, effect.message);
        return;
      default:
    }
  }

  async #add(directory: string, address: string): Promise<AdminOutcome> {
    const known = this.#port.configuration().members.find((member) => member.directory === directory);
    if (known !== undefined) return this.#done(known.id);
    let id = 0;
    const outcome = await this.#change(() => {
      id = this.#port.configuration().nextMemberId;
      return [{ kind: 'add-learner', member: { id: memberId(id), directory, address, preferred: false } }];
    });
    return outcome.kind === 'done' ? this.#done(id) : outcome;
  }

  async #keepAsLearner(id: number): Promise<AdminOutcome> {
    const member = findMember(this.#port.configuration(), memberId(id));
    if (member === undefined) return refused('invalid', `member ${id} is not in the cluster`);
    const record = decodeAddress(member.address);
    if (!record.promote) return this.#done(id);
    const address = encodeAddress({ ...record, promote: false });
    return await this.#change([{ kind: 'update', id: member.id, address, preferred: member.preferred }]);
  }

  /** Tries again while the refusal is one that passes. */
  async #change(changes: readonly MembershipChange[] | (() => readonly MembershipChange[])): Promise<AdminOutcome> {
    const { world } = this.#port;
    const endMs = world.clock.monotonicMs() + deadlineMs;
    for (;;) {
      if (this.#ending.signal.aborted) return refused('no-leader', 'the server is shutting down');
      const outcome = await this.#attempt(typeof changes === 'function' ? changes() : changes);
      if (outcome !== 'try-again') return outcome;
      if (world.clock.monotonicMs() > endMs)
        return refused(
          'pending',
          'another change of membership did not end in time; look at the members and try again',
        );
      await world.timers.sleep(tryAgainMs, this.#ending.signal).catch(() => undefined);
    }
  }

  async #attempt(changes: readonly MembershipChange[]): Promise<AdminOutcome | 'try-again'> {
    const { promise, resolve } = Promise.withResolvers<AdminOutcome | 'try-again'>();
    const id = this.#nextId++;
    this.#pending.set(id, { index: undefined, settle: resolve });
    using _deadline = this.#port.world.timers.after(deadlineMs, () =>
      this.#settle(id, refused('unavailable', 'the change was not committed in time; it may still be')),
    );
    this.#port.dispatch({ kind: 'change-membership', id, changes });
    return await promise;
  }

  async #handOver(to: number): Promise<AdminOutcome> {
    if (this.#transfer !== undefined) return refused('pending', 'leadership is being transferred already');
    const { promise, resolve } = Promise.withResolvers<AdminOutcome>();
    this.#transfer = { to, settle: resolve };
    using _deadline = this.#port.world.timers.after(deadlineMs, () => this.#transferred('timed-out', 'no answer'));
    this.#port.dispatch({ kind: 'transfer', to: memberId(to) });
    return await promise;
  }

  #appended(id: number, index: number): void {
    const pending = this.#pending.get(id);
    if (pending !== undefined) pending.index = index;
  }

  #committed(index: number): void {
    for (const [id, pending] of this.#pending)
      if (pending.index !== undefined && pending.index <= index) this.#settle(id, this.#done(0));
  }

  #lost(): void {
    for (const id of [...this.#pending.keys()])
      this.#settle(id, refused('unavailable', 'the leader lost its office; the change may still be committed'));
  }

  #transferred(outcome: string, reason: string): void {
    const transfer = this.#transfer;
    this.#transfer = undefined;
    if (outcome === 'handed-over') transfer?.settle(this.#done(transfer.to));
    else transfer?.settle(refused(outcome, `leadership stays where it is: ${reason}`));
  }

  #settle(id: number, outcome: AdminOutcome | 'try-again'): void {
    this.#pending.get(id)?.settle(outcome);
    this.#pending.delete(id);
  }

  #done(member: number): AdminOutcome {
    return { kind: 'done', member, groupId: this.#port.groupId };
  }
}

function refused(reason: string, message: string): AdminOutcome {
  return { kind: 'refused', reason, message };
}
