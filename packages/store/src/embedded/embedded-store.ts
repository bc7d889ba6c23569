import type { World } from '@berth/world';
import type { StorageReport } from '../consensus/storage-report.ts';
import { boundedRange } from '../key-range.ts';
import { checkRevision, pastAnswer, presentAnswer } from '../range-answer.ts';
import { checkRange, checkTxn } from '../request-validation.ts';
import type { Revision } from '../revision.ts';
import { SnapshotSource } from '../snapshot/snapshot-source.ts';
import type {
  Fence,
  Leadership,
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
import type { PeerTls } from '../transport/peer-credentials.ts';
import { Engine } from './engine.ts';
import { type Members, members } from './members.ts';
import type { EmbeddedMetrics } from './metrics.ts';
import { compileOptions, type EmbeddedStoreOptions } from './options.ts';
import { repeatedAnswer } from './repeated-answer.ts';

/** The store that is part of the server itself: replicated by Raft, kept in LevelDB. */
export interface EmbeddedStore extends Store {
  readonly memberId: string;
  readonly members: Members;
  /** What was found on disk when it was opened. */
  readonly storage: StorageReport;
  metrics(): EmbeddedMetrics;
  /** New connections use this certificate from now on. */
  replaceCredentials(tls: PeerTls): void;
  /**
   * The whole store at one moment, history included, in the form that `restoreSnapshot` reads. `linearizable` (the default) holds everything
   * acknowledged before; `local` works without a leader.
   */
  snapshot(consistency?: 'linearizable' | 'local'): AsyncIterable<Uint8Array>;
}

/**
 * Opens this server's member of the cluster. Resolves when its state is loaded and it takes part; a leader may not be known yet.
 * Rejects with a sentence for the operator when its data directory cannot be used.
 *
 * The life of a write, `txn`:
 * 1. It is checked, and made a command that carries everything that could differ between servers (`state/command.ts`).
 * 2. The `Proposer` gives it a place in this server's session and hands it to the consensus thread (`CoreLink`).
 * 3. There `ConsensusShell` steps the core: the leader, here or elsewhere, appends it; `LogWriter` syncs it with whatever else is
 *    waiting; `PeerTransport` brings it to the others, who do the same and say so.
 * 4. Durable on a majority it is committed, and comes back as `apply`.
 * 5. The `Replica` applies it to the index in memory, gives its events to the watchers and notes it for the state on disk.
 * 6. The `Proposer` sees it go by and answers.
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const engine = new Engine(options.world, compileOptions(options));
  await engine.start();
  return new Embedded(options.world, engine);
}

const notYetAfterMs = 3_000;

class Embedded implements EmbeddedStore {
  readonly clusterId: string;
  readonly memberId: string;
  readonly members: Members;
  readonly #world: World;
  readonly #engine: Engine;
  #closing: Promise<void> | undefined;

  constructor(world: World, engine: Engine) {
    this.#world = world;
    this.#engine = engine;
    this.clusterId = engine.identity.clusterId;
    this.memberId = String(engine.identity.memberId);
    this.members = members({
      clusterId: this.clusterId,
      view: engine.view,
      ask: (request) => {
        this.#checkOpen();
        return engine.administer(request);
      },
    });
  }

  get storage(): StorageReport {
    return this.#engine.report;
  }

  async txn(request: TxnRequest): Promise<TxnResponse> {
    checkTxn(request);
    this.#checkOpen();
    const wallMs = this.#world.clock.wallMs();
    const answer = await this.#engine.proposer.propose({
      kind: 'txn',
      wallMs,
      fenceTerm: termOf(request.fence),
      request,
    });
    if (answer.kind === 'txn') return answer.response;
    if (answer.kind === 'repeated')
      return await repeatedAnswer(this.#engine.replica.state.history, request, answer.result);
    throw new Error(`a transaction was answered with ${answer.kind}`);
  }

  async range(request: RangeRequest): Promise<RangeResponse> {
    checkRange(request);
    this.#checkOpen();
    const { consistency } = request;
    if (consistency.kind === 'linearizable') await this.#engine.reads.pass();
    if (consistency.kind === 'atLeast') await this.#reached(consistency.revision);
    const { machine, history } = this.#engine.replica.state;
    const at = request.revision;
    if (at === undefined || at === machine.space.revision) return presentAnswer(machine.space, request);
    checkRevision(at, { revision: machine.space.revision, compactRevision: history.floor });
    return pastAnswer(at, await history.stateAt(boundedRange(request), at), request);
  }

  watch(request: WatchRequest, sink: WatchSink): Disposable {
    this.#checkOpen();
    return this.#engine.replica.watches.watch(request, sink);
  }

  async compact(to: Revision): Promise<void> {
    this.#checkOpen();
    const answer = await this.#engine.proposer.propose({ kind: 'compact', to });
    if (answer.kind === 'repeated' && answer.result.outcome !== 'succeeded')
      throw new StoreError('compacted', `revision ${to} is forgotten`);
  }

  status(): StoreStatus {
    const { machine, history } = this.#engine.replica.state;
    return {
      revision: machine.space.revision,
      compactRevision: history.floor,
      leadership: this.#engine.view.board.present,
      members: this.#engine.view.members,
    };
  }

  onLeadership(listener: (leadership: Leadership) => void): Disposable {
    return this.#engine.view.board.listen(listener);
  }

  revisionAt(wallMs: number): Promise<Revision | undefined> {
    return this.#engine.replica.state.history.revisionAt(wallMs);
  }

  metrics(): EmbeddedMetrics {
    return this.#engine.metrics();
  }

  replaceCredentials(tls: PeerTls): void {
    this.#engine.replaceCredentials(tls);
  }

  async *snapshot(consistency: 'linearizable' | 'local' = 'linearizable'): AsyncGenerator<Uint8Array, void, undefined> {
    this.#checkOpen();
    if (consistency === 'linearizable') await this.#engine.reads.pass();
    const { writer, database } = this.#engine.replica.state;
    await writer.sync();
    const source = await SnapshotSource.ofRecords(database);
    if (source === undefined) throw new StoreError('unavailable', 'the store is empty: nothing was ever written');
    try {
      yield* source.stream();
    } finally {
      await source.close();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#engine.stop();
    return this.#closing;
  }

  async #reached(wanted: Revision): Promise<void> {
    const { replica } = this.#engine;
    const present = (): Revision => replica.state.machine.space.revision;
    const outcome = await replica.waiters.wait(() => present() >= wanted, notYetAfterMs);
    if (outcome === 'closed') throw new StoreError('closed', 'the store is shutting down');
    if (outcome === 'timeout')
      throw new StoreError('not-yet', `revision ${wanted} was not applied here in 3 s, the present is ${present()}`);
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new StoreError('closed', 'the store is shutting down');
  }
}

/** A fence of this engine is the term of a reign. One that is no term was made by nobody here. */
function termOf(fence: Fence | undefined): number | undefined {
  if (fence === undefined) return undefined;
  const term = Number(fence.token);
  if (!Number.isSafeInteger(term) || term < 1)
    throw new StoreError('fenced', `"${fence.token}" names no reign of this cluster`);
  return term;
}
