import type { World } from '@berth/world';
import { boundedRange } from '../key-range.ts';
import { LeadershipBoard } from '../leadership-board.ts';
import { recentPage } from '../mvcc/history-page.ts';
import { KeySpace } from '../mvcc/key-space.ts';
import { PastView } from '../mvcc/past-view.ts';
import { RecentHistory } from '../mvcc/recent-history.ts';
import { checkRevision, pastAnswer, presentAnswer } from '../range-answer.ts';
import { checkRange, checkTxn } from '../request-validation.ts';
import { defaultRetention, type Retention } from '../retention.ts';
import { type Revision, revision } from '../revision.ts';
import type {
  Leadership,
  MemberAddress,
  RangeRequest,
  RangeResponse,
  Store,
  StoreStatus,
  TxnRequest,
  TxnResponse,
  WatchRequest,
  WatchSink,
} from '../store.ts';
import { StoreError } from '../store-error.ts';
import { WatchHub } from '../watch/watch-hub.ts';

export interface MemoryStoreOptions {
  /** Default: a random UUID. */
  readonly clusterId?: string;
  /** How this only member calls itself. Default: `memory`, without addresses. */
  readonly member?: MemberAddress;
  /** Default: 24 h, 64 MiB. */
  readonly retention?: Partial<Retention>;
}

/** A store without a disk, and with a hand on its leadership, for tests and what-if runs. */
export interface MemoryStore extends Store {
  /** Plays an election: `lead` begins a new reign (the old fence is refused from now on), the others take it away. */
  elect(outcome: 'lead' | { readonly follow: MemberAddress } | { readonly leaderless: string }): void;
}

/** The key space alone: same contract, same index, same watches as the replicated engine, nothing survives it. */
export function memoryStore(world: World, options: MemoryStoreOptions = {}): MemoryStore {
  return new InMemory(world, options);
}

const notYetAfterMs = 3000;
const historyBytesMax = 64 * 1024 * 1024;

class InMemory implements MemoryStore {
  readonly clusterId: string;
  readonly #world: World;
  readonly #member: MemberAddress;
  readonly #retention: Retention;
  readonly #space: KeySpace;
  readonly #history = new RecentHistory();
  readonly #watches: WatchHub;
  readonly #board: LeadershipBoard;
  readonly #waiting = new Set<() => void>();
  #reign = 1;
  #closed = false;

  constructor(world: World, options: MemoryStoreOptions) {
    this.clusterId = options.clusterId ?? world.random.uuid();
    this.#world = world;
    this.#member = options.member ?? {
      memberId: 'memory',
      name: 'memory',
      apiAddress: '',
      gatewayAddress: '',
      peerAddress: '',
    };
    this.#retention = { ...defaultRetention, historyBytes: historyBytesMax, ...options.retention };
    const space = new KeySpace();
    space.begin(world.clock.wallMs());
    const history = this.#history;
    this.#space = space;
    this.#watches = new WatchHub(world, {
      get revision() {
        return space.revision;
      },
      get compactRevision() {
        return space.compactRevision;
      },
      page: (from) => recentPage(history, from, space.revision),
    });
    this.#board = new LeadershipBoard({ kind: 'leader', fence: { token: '1' } });
  }

  async range(request: RangeRequest): Promise<RangeResponse> {
    checkRange(request);
    this.#checkOpen();
    const { consistency } = request;
    if (consistency.kind === 'linearizable') this.#checkLeader();
    if (consistency.kind === 'atLeast') await this.#reached(consistency.revision);
    const at = request.revision;
    if (at === undefined || at === this.#space.revision) return presentAnswer(this.#space, request);
    checkRevision(at, this.#space);
    const view = new PastView(boundedRange(request));
    view.add(this.#history.from(at + 1, Number.POSITIVE_INFINITY));
    return pastAnswer(at, view.over(this.#space.present), request);
  }

  async txn(request: TxnRequest): Promise<TxnResponse> {
    checkTxn(request);
    this.#checkOpen();
    this.#checkLeader();
    const { fence } = request;
    if (fence !== undefined && fence.token !== String(this.#reign))
      throw new StoreError('fenced', `decided in reign ${fence.token}, but now is reign ${this.#reign}`);
    const { response, transaction } = this.#space.apply(request, this.#world.clock.wallMs());
    if (transaction !== undefined) {
      this.#history.append(transaction);
      this.#watches.publish(transaction);
      this.#forgetOld();
      for (const wake of this.#waiting) wake();
    }
    return response;
  }

  watch(request: WatchRequest, sink: WatchSink): Disposable {
    return this.#watches.watch(request, sink);
  }

  async compact(to: Revision): Promise<void> {
    this.#checkOpen();
    this.#checkLeader();
    if (to <= this.#space.compactRevision)
      throw new StoreError(
        'compacted',
        `revision ${to} is forgotten, history begins at ${this.#space.compactRevision}`,
      );
    checkRevision(to, this.#space);
    this.#compact(to);
  }

  status(): StoreStatus {
    return {
      revision: this.#space.revision,
      compactRevision: this.#space.compactRevision,
      leadership: this.#board.present,
      members: [{ ...this.#member, role: 'voter' }],
    };
  }

  onLeadership(listener: (leadership: Leadership) => void): Disposable {
    return this.#board.listen(listener);
  }

  elect(outcome: Parameters<MemoryStore['elect']>[0]): void {
    if (outcome === 'lead') {
      this.#reign += 1;
      this.#board.announce({ kind: 'leader', fence: { token: String(this.#reign) } });
    } else if ('follow' in outcome) {
      this.#reign += 1;
      this.#board.announce({ kind: 'follower', leader: outcome.follow });
    } else {
      this.#board.announce({ kind: 'leaderless', reason: outcome.leaderless });
    }
  }

  async revisionAt(wallMs: number): Promise<Revision | undefined> {
    const found = this.#history.lastAtOrBefore(wallMs);
    if (found !== undefined) return found.revision;
    const oldest = this.#history.oldest;
    const everythingKept = oldest === undefined || oldest.revision === 2;
    return everythingKept && wallMs >= this.#space.createdMs ? revision(1) : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#watches.close();
  }

  /** Resolves once `wanted` is the present or past; `not-yet` after 3 s. */
  async #reached(wanted: Revision): Promise<void> {
    if (this.#space.revision >= wanted) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const wake = (): void => {
      if (this.#space.revision >= wanted) resolve();
    };
    this.#waiting.add(wake);
    using _timer = this.#world.timers.after(notYetAfterMs, () =>
      reject(
        new StoreError('not-yet', `revision ${wanted} was not applied in 3 s, the present is ${this.#space.revision}`),
      ),
    );
    try {
      await promise;
    } finally {
      this.#waiting.delete(wake);
    }
  }

  #forgetOld(): void {
    const { historyBytes, historyMs } = this.#retention;
    const horizonMs = this.#world.clock.wallMs() - historyMs;
    let target: Revision | undefined;
    while (this.#history.length > 1) {
      const oldest = this.#history.oldest;
      if (oldest === undefined || (this.#history.bytes <= historyBytes && oldest.wallMs >= horizonMs)) break;
      this.#history.dropOldest();
      target = this.#history.oldest?.revision;
    }
    if (target !== undefined && target > this.#space.compactRevision) this.#compact(target);
  }

  /** The transaction of the compact revision itself stays: a watch may still start there. */
  #compact(to: Revision): void {
    this.#space.compact(to);
    while ((this.#history.oldest?.revision ?? to) < to) this.#history.dropOldest();
  }

  #checkOpen(): void {
    if (this.#closed) throw new StoreError('closed', 'the store is shutting down');
  }

  #checkLeader(): void {
    const leadership = this.#board.present;
    if (leadership.kind === 'leaderless') throw new StoreError('unavailable', leadership.reason);
  }
}
