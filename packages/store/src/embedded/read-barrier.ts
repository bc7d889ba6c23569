import type { ReadFailure } from '@berth/raft';
import type { World } from '@berth/world';
import { StoreError } from '../store-error.ts';
import type { AppliedWaiters } from './applied-waiters.ts';
import type { ClusterView } from './cluster-view.ts';

export interface ReadBarrierPort {
  readonly world: World;
  readonly view: ClusterView;
  readonly waiters: AppliedWaiters;
  readonly electionMs: number;
  readonly timeoutMs: number;
  appliedIndex(): number;
  /** Asks the core for an index that includes every write acknowledged so far, on any server. */
  ask(id: number): void;
}

interface Round {
  readonly promise: Promise<number>;
  readonly resolve: (index: number) => void;
  readonly reject: (reason: ReadFailure | 'closed') => void;
}

/** Makes reads linearizable: each waits until this server has applied what was committed when the read arrived (ReadIndex). */
export class ReadBarrier {
  readonly #port: ReadBarrierPort;
  readonly #rounds = new Map<number, Round>();
  /** The round that reads of this turn of the event loop share; one that was asked for earlier would be too old for them. */
  #gathering: Round | undefined;
  #nextId = 1;
  #closed = false;

  constructor(port: ReadBarrierPort) {
    this.#port = port;
  }

  get pending(): number {
    return this.#rounds.size;
  }

  /** Resolves when local state may be read. Waits for an election, not for longer than one. */
  async pass(): Promise<void> {
    const { clock, timers } = this.#port.world;
    const startMs = clock.monotonicMs();
    for (;;) {
      if (this.#closed) throw closedError();
      const leftMs = startMs + this.#port.timeoutMs - clock.monotonicMs();
      const outcome = await this.#round(leftMs);
      if (typeof outcome === 'number') {
        await this.#applied(outcome, startMs + this.#port.timeoutMs - clock.monotonicMs());
        return;
      }
      if (outcome === 'closed') throw closedError();
      if (outcome === 'busy') throw new StoreError('busy', 'too many reads are waiting for the leader');
      const waitedMs = clock.monotonicMs() - startMs;
      if (
        outcome === 'late' ||
        waitedMs > this.#port.timeoutMs ||
        (!this.#port.view.hasLeader && waitedMs > 2 * this.#port.electionMs)
      )
        throw new StoreError('unavailable', this.#port.view.leaderlessReason());
      await timers.sleep(this.#port.electionMs / 20);
    }
  }

  ready(ids: readonly number[], index: number): void {
    for (const id of ids) this.#take(id)?.resolve(index);
  }

  failed(ids: readonly number[], reason: ReadFailure): void {
    for (const id of ids) this.#take(id)?.reject(reason);
  }

  close(): void {
    this.#closed = true;
    for (const round of this.#rounds.values()) round.reject('closed');
    this.#rounds.clear();
  }

  async #round(timeoutMs: number): Promise<number | ReadFailure | 'closed' | 'late'> {
    const round = this.#gather();
    const { promise: late, resolve } = Promise.withResolvers<'late'>();
    using _deadline = this.#port.world.timers.after(Math.max(0, timeoutMs), () => resolve('late'));
    return await Promise.race([late, round.promise.catch((reason: ReadFailure | 'closed') => reason)]);
  }

  #gather(): Round {
    if (this.#gathering !== undefined) return this.#gathering;
    const round: Round = Promise.withResolvers<number>();
    this.#gathering = round;
    const id = this.#nextId++;
    this.#rounds.set(id, round);
    queueMicrotask(() => {
      this.#gathering = undefined;
      this.#port.ask(id);
    });
    return round;
  }

  async #applied(index: number, timeoutMs: number): Promise<void> {
    const reached = (): boolean => this.#port.appliedIndex() >= index;
    const outcome = await this.#port.waiters.wait(reached, Math.max(0, timeoutMs));
    if (outcome === 'closed') throw closedError();
    if (outcome === 'timeout')
      throw new StoreError(
        'unavailable',
        `this server is behind: it has applied entry ${this.#port.appliedIndex()}, the read needs ${index}`,
      );
  }

  #take(id: number): Round | undefined {
    const round = this.#rounds.get(id);
    this.#rounds.delete(id);
    return round;
  }
}

function closedError(): StoreError {
  return new StoreError('closed', 'the store is shutting down');
}
