import type { World } from '@berth/world';
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
import { EtcdChannel, type EtcdEndpoints } from './etcd-channel.ts';
import { establishClusterId } from './etcd-cluster-id.ts';
import { EtcdElection } from './etcd-election.ts';
import { EtcdKeys } from './etcd-keys.ts';
import { EtcdMirror } from './etcd-mirror.ts';
import { rangeAtLeast, readRange } from './etcd-range.ts';
import { revisionAtWallTime } from './etcd-time.ts';
import { decodeTxn, encodeTxn } from './etcd-txn.ts';

export interface EtcdStoreOptions extends EtcdEndpoints {
  readonly world: World;
  /** Begins every key in etcd, default `berth/`: several clusters may share one etcd. */
  readonly root?: string;
  /** This server, as the others shall find it; its `memberId` must be new with each process. */
  readonly member: MemberAddress;
  /** Only the age counts here: etcd bounds its own size. */
  readonly retention?: Pick<Retention, 'historyMs'>;
}

const compactEveryMs = 5 * 60 * 1000;

/** Opens the key space kept by an etcd v3 cluster. Thin, because the contract is etcd's own. */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<Store> {
  const channel = new EtcdChannel(options.world, options);
  const keys = new EtcdKeys(options.root ?? 'berth/');
  try {
    const clusterId = await establishClusterId(options.world, channel, keys);
    const store = new EtcdStore(options, channel, keys, clusterId);
    await store.start();
    return store;
  } catch (error) {
    channel.close();
    throw error;
  }
}

class EtcdStore implements Store {
  readonly clusterId: string;
  readonly #world: World;
  readonly #channel: EtcdChannel;
  readonly #keys: EtcdKeys;
  readonly #election: EtcdElection;
  readonly #mirror: EtcdMirror;
  readonly #watches: WatchHub;
  readonly #retention: Pick<Retention, 'historyMs'>;
  #compactRevision: Revision = revision(0);
  #janitor: Disposable | undefined;
  #closed = false;

  constructor(options: EtcdStoreOptions, channel: EtcdChannel, keys: EtcdKeys, clusterId: string) {
    this.clusterId = clusterId;
    this.#world = options.world;
    this.#channel = channel;
    this.#keys = keys;
    this.#retention = options.retention ?? defaultRetention;
    const election = new EtcdElection(options.world, channel, keys, options.member);
    this.#election = election;
    this.#mirror = new EtcdMirror(options.world, channel, keys, {
      loaded: (engine) => election.load(engine),
      group: ({ transaction, engine }) => {
        if (transaction.events.length > 0) this.#watches.publish(transaction);
        election.take(engine);
      },
      gap: (kept) => {
        this.#compactRevision = kept;
        this.#watches.endAll({ kind: 'compacted', compactRevision: kept });
      },
    });
    const mirror = this.#mirror;
    const compactRevision = (): Revision => this.#compactRevision;
    this.#watches = new WatchHub(options.world, {
      get revision() {
        return mirror.revision;
      },
      get compactRevision() {
        return compactRevision();
      },
      page: (from) => mirror.page(from),
    });
  }

  async start(): Promise<void> {
    await this.#mirror.start();
    await this.#mirror.reached(await this.#election.start());
    this.#janitor = this.#world.timers.every(compactEveryMs, () => void this.#compactOld());
  }

  async range(request: RangeRequest): Promise<RangeResponse> {
    checkRange(request);
    this.#checkOpen();
    if (request.consistency.kind === 'atLeast')
      return rangeAtLeast(this.#world, this.#channel, this.#keys, request, request.consistency.revision);
    return readRange(this.#channel, this.#keys, request, request.consistency.kind === 'local');
  }

  async txn(request: TxnRequest): Promise<TxnResponse> {
    checkTxn(request);
    this.#checkOpen();
    const stamp = { wallMs: this.#world.clock.wallMs(), cause: request.cause ?? '' };
    const encoded = encodeTxn(this.#keys, request, stamp);
    const answer = decodeTxn(this.#keys, request, await this.#channel.txn(encoded));
    if (answer.responses.some(changedSomething)) await this.#mirror.reached(answer.revision);
    return answer;
  }

  watch(request: WatchRequest, sink: WatchSink): Disposable {
    return this.#watches.watch(request, sink);
  }

  async compact(to: Revision): Promise<void> {
    this.#checkOpen();
    await this.#channel.compact(to);
    this.#compactRevision = revision(Math.max(this.#compactRevision, to));
  }

  /** `compactRevision` is as far as this server has noticed; others may have compacted more. */
  status(): StoreStatus {
    return {
      revision: this.#mirror.revision,
      compactRevision: this.#compactRevision,
      leadership: this.#election.board.present,
      members: this.#election.members,
    };
  }

  onLeadership(listener: (leadership: Leadership) => void): Disposable {
    return this.#election.board.listen(listener);
  }

  revisionAt(wallMs: number): Promise<Revision | undefined> {
    return revisionAtWallTime(this.#channel, this.#keys, this.#mirror, wallMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#janitor?.[Symbol.dispose]();
    this.#watches.close();
    await this.#election.close();
    this.#mirror.close();
    this.#channel.close();
  }

  async #compactOld(): Promise<void> {
    if (this.#election.board.present.kind !== 'leader') return;
    try {
      const horizon = await this.revisionAt(this.#world.clock.wallMs() - this.#retention.historyMs);
      if (horizon !== undefined && horizon > this.#compactRevision) await this.compact(horizon);
    } catch {
      // Somebody else was faster, or etcd is away: the next round finds out.
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw new StoreError('closed', 'the store is shutting down');
  }
}

function changedSomething(response: TxnResponse['responses'][number]): boolean {
  return response.kind === 'put' || (response.kind === 'delete' && response.previous.length > 0);
}
