import type { Entry, Proposal, ProposalId, ProposalRefusal } from '@berth/raft';
import { entryOrigin } from '@berth/raft';
import type { World } from '@berth/world';
import { type Command, encodeCommand } from '../state/command.ts';
import type { StoredResult } from '../state/session-table.ts';
import type { Outcome } from '../state/state-machine.ts';
import { StoreError, type StoreErrorCode } from '../store-error.ts';
import type { ClusterView } from './cluster-view.ts';

export interface ProposerPort {
  readonly world: World;
  readonly view: ClusterView;
  /** One to two of these pass until a new leader is elected. */
  readonly electionMs: number;
  readonly timeoutMs: number;
  send(proposals: readonly Proposal[]): void;
}

/** What became of a command of this server. */
export type Answer = Exclude<Outcome, { kind: 'nothing' | 'refused' | 'session-expired' }>;

interface Pending {
  readonly sequence: number;
  readonly payload: Uint8Array;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: StoreError) => void;
  readonly deadline: Disposable;
  /** How often it was handed to the core, and how often that was certainly in vain. */
  attempts: number;
  refusals: number;
  lastRefusal: ProposalRefusal | undefined;
  /** The round of `#tryAgain` in which it was handed to the core last. */
  sentInRound: number;
}

/** Commands waiting at once; more are refused as `busy`. */
const pendingMax = 8192;

const refusalCodes: Readonly<Record<ProposalRefusal, StoreErrorCode>> = {
  'no-leader': 'unavailable',
  'not-leader': 'unavailable',
  transferring: 'unavailable',
  busy: 'busy',
  'too-large': 'too-large',
  'disk-full': 'disk-full',
};
/** They pass as soon as there is a leader, so the command waits for one. */
const passing: ReadonlySet<ProposalRefusal> = new Set(['no-leader', 'not-leader', 'transferring']);

/**
 * Puts commands into the log and answers them when they were applied here. A command keeps its (session, sequence) however often it is
 * sent, so that it is applied once; and what is answered tells truly whether it may still happen.
 */
export class Proposer {
  readonly #port: ProposerPort;
  readonly #pending = new Map<number, Pending>();
  readonly #timers: Disposable[];
  #session = 0;
  #opening: Promise<void> | undefined;
  #opened: { readonly nonce: string; readonly resolve: (session: number) => void } | undefined;
  #nextSequence = 1;
  #ackedBelow = 1;
  #outbox: Pending[] = [];
  #lastLeader: number | undefined;
  #lastTerm = 0;
  #round = 0;
  #leaderlessSinceMs: number | undefined;
  #closed = false;

  constructor(port: ProposerPort) {
    this.#port = port;
    this.#leaderlessSinceMs = port.world.clock.monotonicMs();
    this.#timers = [
      port.view.onRole(() => this.#roleChanged()),
      port.world.timers.every(port.electionMs / 2, () => this.#tryAgain()),
    ];
  }

  get pending(): number {
    return this.#pending.size;
  }

  async propose(command: Command): Promise<Answer> {
    if (this.#closed) throw new StoreError('closed', 'the store is shutting down');
    if (this.#pending.size >= pendingMax)
      throw new StoreError('busy', `${pendingMax} writes are waiting on this server already`);
    const endMs = this.#port.world.clock.monotonicMs() + this.#port.timeoutMs;
    while (this.#session === 0) {
      this.#opening ??= this.#openSession();
      await this.#opening;
    }
    return await this.#submit(encodeCommand(command), Math.max(1, endMs - this.#port.world.clock.monotonicMs()));
  }

  /** What became of an entry; those of this server's session answer somebody. */
  applied(entry: Entry, outcome: Outcome): void {
    if (outcome.kind === 'session-opened' && outcome.nonce === this.#opened?.nonce)
      this.#opened.resolve(outcome.session);
    const { session, sequence } = entryOrigin(entry);
    if (session !== this.#session || session === 0) return;
    const pending = this.#take(sequence);
    if (pending === undefined) return;
    if (outcome.kind === 'refused') pending.reject(new StoreError(outcome.code, outcome.message));
    else if (outcome.kind === 'session-expired') this.#expired(pending);
    else if (outcome.kind === 'nothing') pending.reject(unknownOutcome());
    else pending.resolve(outcome);
  }

  /** The core certainly did not put these into the log this time. */
  refused(ids: readonly ProposalId[], reason: ProposalRefusal): void {
    for (const { sequence } of ids) {
      const pending = this.#pending.get(sequence);
      if (pending === undefined) continue;
      pending.refusals += 1;
      pending.lastRefusal = reason;
      if (passing.has(reason)) continue;
      if (pending.refusals === pending.attempts) this.#fail(pending, refusalCodes[reason], refusalText(reason));
    }
    this.#giveUpWithoutLeader();
  }

  /** The state was replaced: what was applied within it is known only by its session table. */
  jumped(resultOf: (session: number, sequence: number) => StoredResult | undefined): void {
    for (const { sequence } of [...this.#pending.values()]) {
      const result = resultOf(this.#session, sequence);
      if (result !== undefined) this.#take(sequence)?.resolve({ kind: 'repeated', result });
    }
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) timer[Symbol.dispose]();
    for (const pending of [...this.#pending.values()]) this.#fail(pending, 'closed', 'the store is shutting down');
  }

  #submit(payload: Uint8Array, timeoutMs: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sequence = this.#nextSequence++;
      const deadline = this.#port.world.timers.after(timeoutMs, () => this.#late(sequence));
      const none = { attempts: 0, refusals: 0, lastRefusal: undefined, sentInRound: 0 };
      const pending: Pending = { sequence, payload, resolve, reject, deadline, ...none };
      this.#pending.set(sequence, pending);
      this.#send(pending);
      this.#giveUpWithoutLeader();
    });
  }

  /** A session is opened by a command without one; it may be opened twice, which harms nobody. */
  async #openSession(): Promise<void> {
    const { world } = this.#port;
    const nonce = world.random.uuid();
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#opened = { nonce, resolve };
    const payload = encodeCommand({ kind: 'open-session', nonce, wallMs: world.clock.wallMs() });
    const propose = (): void => this.#port.send([{ session: 0, sequence: 0, ackedBelow: 0, payload }]);
    const { promise: failed, reject } = Promise.withResolvers<never>();
    const startMs = world.clock.monotonicMs();
    using _again = world.timers.every(this.#port.electionMs / 2, () => {
      const waitedMs = world.clock.monotonicMs() - startMs;
      if (this.#closed) reject(new StoreError('closed', 'the store is shutting down'));
      else if (!this.#port.view.hasLeader && waitedMs > 2 * this.#port.electionMs)
        reject(new StoreError('unavailable', this.#port.view.leaderlessReason()));
      else if (waitedMs > this.#port.timeoutMs)
        reject(new StoreError('unavailable', 'the leader did not answer; nothing was sent'));
      else propose();
    });
    using _role = this.#port.view.onRole(propose);
    propose();
    try {
      this.#session = await Promise.race([promise, failed]);
      this.#nextSequence = 1;
      this.#ackedBelow = 1;
    } finally {
      this.#opening = undefined;
    }
  }

  #send(pending: Pending): void {
    if (!this.#port.view.hasLeader) return;
    pending.attempts += 1;
    pending.sentInRound = this.#round;
    this.#outbox.push(pending);
    if (this.#outbox.length === 1) setImmediate(() => this.#flush());
  }

  /** What was proposed in one round of the event loop, in which many clients may be heard, travels together: a message to the other thread costs as much as many writes. */
  #flush(): void {
    const session = this.#session;
    const ackedBelow = this.#ackedBelow;
    const wanted = this.#outbox.filter(({ sequence }) => this.#pending.has(sequence));
    this.#outbox = [];
    const proposals = wanted.map(({ sequence, payload }) => ({ session, sequence, ackedBelow, payload }));
    if (proposals.length > 0) this.#port.send(proposals);
  }

  #roleChanged(): void {
    const { leader, term } = this.#port.view.role;
    const now = this.#port.world.clock.monotonicMs();
    if (leader === undefined) this.#leaderlessSinceMs ??= now;
    else this.#leaderlessSinceMs = undefined;
    if (leader === this.#lastLeader && term === this.#lastTerm) return;
    this.#lastLeader = leader;
    this.#lastTerm = term;
    // The new leader may never have heard of what its predecessor was told.
    if (leader !== undefined) for (const pending of this.#pending.values()) this.#send(pending);
  }

  /**
   * A proposal, or the news of its refusal, may have been lost on the way. The leader appends whatever it is sent, so each attempt of which nothing was
   * heard is given a whole round more: what is only slow shall not be written twice.
   */
  #tryAgain(): void {
    this.#giveUpWithoutLeader();
    this.#round += 1;
    for (const pending of this.#pending.values()) {
      const { attempts, refusals, sentInRound } = pending;
      if (attempts > 0 && this.#round - sentInRound > attempts - refusals) this.#send(pending);
    }
  }

  /** Without a leader for a whole election nobody shall wait longer, unless the command may already be in the log. */
  #giveUpWithoutLeader(): void {
    if (this.#leaderlessSinceMs === undefined) return;
    if (this.#port.world.clock.monotonicMs() - this.#leaderlessSinceMs < 2 * this.#port.electionMs) return;
    const reason = this.#port.view.leaderlessReason();
    for (const pending of [...this.#pending.values()])
      if (pending.refusals === pending.attempts) this.#fail(pending, 'unavailable', reason);
  }

  #late(sequence: number): void {
    const pending = this.#pending.get(sequence);
    if (pending === undefined) return;
    if (pending.refusals < pending.attempts) {
      this.#take(sequence)?.reject(unknownOutcome());
      return;
    }
    const { lastRefusal } = pending;
    const text = lastRefusal === undefined ? this.#port.view.leaderlessReason() : refusalText(lastRefusal);
    this.#fail(pending, lastRefusal === undefined ? 'unavailable' : refusalCodes[lastRefusal], text);
  }

  /** The session was evicted; whether the command was applied before cannot be known. The next one opens a new session. */
  #expired(pending: Pending): void {
    this.#session = 0;
    pending.reject(unknownOutcome());
    for (const other of [...this.#pending.values()]) this.#take(other.sequence)?.reject(unknownOutcome());
  }

  #fail(pending: Pending, code: StoreErrorCode, message: string): void {
    this.#take(pending.sequence)?.reject(new StoreError(code, message));
  }

  #take(sequence: number): Pending | undefined {
    const pending = this.#pending.get(sequence);
    if (pending === undefined) return undefined;
    pending.deadline[Symbol.dispose]();
    this.#pending.delete(sequence);
    // Sequences rise in the order of the map: the first one still waiting is the lowest.
    const [lowest] = this.#pending.keys();
    this.#ackedBelow = lowest ?? this.#nextSequence;
    return pending;
  }
}

function unknownOutcome(): StoreError {
  return new StoreError('timeout', 'no answer in time: the write may or may not have been, or may still be, applied');
}

function refusalText(reason: ProposalRefusal): string {
  const texts: Readonly<Record<ProposalRefusal, string>> = {
    'no-leader': 'there is no leader',
    'not-leader': 'the leader has just lost its office',
    transferring: 'leadership is being handed over',
    busy: 'the leader has too many writes that are not committed yet',
    'too-large': 'the write is larger than an entry of the log may be',
    'disk-full': 'the disk of the leader, or of a majority of the members, is full',
  };
  return texts[reason];
}
