import {
  type Configuration,
  createRaft,
  type Effect,
  type EffectKind,
  type Event,
  inspect,
  type LogIndex,
  type MemberId,
  type Message,
  memberId,
  type RaftState,
  step,
} from '@berth/raft';
import type { World } from '@berth/world';
import type { AdminRequest } from '../link/admin.ts';
import type { CoreIdentity, CoreOptions, FromCore, ToCore } from '../link/core-messages.ts';
import { PeerCredentials } from '../transport/peer-credentials.ts';
import { PeerTransport } from '../transport/peer-transport.ts';
import { AdminRouting } from './admin-routing.ts';
import { Administration } from './administration.ts';
import { eventOf } from './core-events.ts';
import { coreMetrics, NoticeCounts } from './core-metrics.ts';
import { coreRaftOptions } from './core-raft-options.ts';
import { DiskSpace } from './disk-space.ts';
import { packFrames } from './frame-packing.ts';
import { IncomingSnapshot } from './incoming-snapshot.ts';
import { LagAbdication } from './lag-abdication.ts';
import { LogWriter } from './log-writer.ts';
import { LoopHealth } from './loop-health.ts';
import { type OpenedDirectory, openDirectory } from './open-directory.ts';
import { nextToPromote } from './promotion.ts';
import { wasRemoved } from './removal.ts';
import { RoundTrips } from './round-trips.ts';
import { SnapshotTraffic } from './snapshot-traffic.ts';
import type { StateFound } from './start-log.ts';
import { Ticker } from './ticker.ts';

/** Versions of the message layout of the core. */
const protocol = { protocolMin: 1, protocolMax: 1 };
const housekeepingMs = 1_000;

type Tell = (message: FromCore, transfer?: readonly ArrayBuffer[]) => void;

/**
 * The shell around the consensus core: events in, effects out, nothing decided here. It owns the log, the peers and the clock's ticks, and
 * talks to the owner of the state only by messages, so that neither ever waits for the other.
 */
export class ConsensusShell {
  readonly #world: World;
  readonly #options: CoreOptions;
  readonly #tell: Tell;
  readonly #identity: CoreIdentity;
  readonly #state: RaftState;
  readonly #opened: OpenedDirectory;
  readonly #writer: LogWriter;
  readonly #credentials: PeerCredentials;
  readonly #transport: PeerTransport;
  readonly #snapshots: SnapshotTraffic;
  readonly #administration: Administration;
  readonly #routing: AdminRouting;
  readonly #notices = new NoticeCounts();
  readonly #roundTrips: RoundTrips;
  readonly #events: Event[] = [];
  /** Messages that wait for a write. */
  #held: Extract<Effect, { kind: 'send' }>[] = [];
  #running: Disposable[] = [];
  readonly #health: LoopHealth;
  readonly #abdication: LagAbdication;
  #ticker: Ticker | undefined;
  #disk: DiskSpace | undefined;
  #stepping = false;
  #removed = false;
  #dead = false;

  /** Opens or founds the data directory, begins to listen and to tick. Rejects with a sentence for the operator. */
  static async start(
    world: World,
    options: CoreOptions,
    tell: Tell,
    openState: (folder: string) => Promise<StateFound>,
  ): Promise<ConsensusShell> {
    const opened = await openDirectory(world, options, openState);
    const incoming = new IncomingSnapshot(opened.directory.incoming);
    const partialSnapshot = await incoming.resume();
    const { identity, incarnation } = opened.promises.promises;
    const raftOptions = coreRaftOptions(options, memberId(identity.memberId), incarnation, world.random);
    const state = createRaft(raftOptions, { ...opened.log.stored, partialSnapshot });
    const shell = new ConsensusShell(world, options, tell, opened, incoming, state);
    await shell.#begin();
    return shell;
  }

  private constructor(
    world: World,
    options: CoreOptions,
    tell: Tell,
    opened: OpenedDirectory,
    incoming: IncomingSnapshot,
    state: RaftState,
  ) {
    this.#world = world;
    this.#options = options;
    this.#tell = tell;
    this.#opened = opened;
    this.#state = state;
    const { identity, incarnation } = opened.promises.promises;
    this.#identity = { ...identity, incarnation };
    const failed = (error: unknown): void => this.#fail(error);
    const dispatch = (event: Event): void => this.dispatch(event);
    this.#writer = new LogWriter(opened.log.database, opened.promises, world, opened.log.writerStart, {
      durable: (seq) => this.#durable(seq),
      installed: (stateFolder, snapshotId) => {
        tell({ kind: 'switch-state', stateFolder, snapshotId });
        // What was received is a state now, and as large as that.
        this.#snapshots.carryOut({ kind: 'discard-snapshot', snapshotId });
      },
      failed,
    });
    this.#snapshots = new SnapshotTraffic(incoming, { tell, dispatch, failed });
    const configuration = (): Configuration => inspect(state).configuration;
    this.#administration = new Administration({ world, groupId: identity.groupId, configuration, dispatch });
    this.#routing = new AdminRouting(identity.groupId, state, this.#administration);
    this.#roundTrips = new RoundTrips(() => world.clock.monotonicMs());
    this.#credentials = new PeerCredentials(options.tls);
    this.#health = new LoopHealth(world, options.timings.tickMs);
    this.#abdication = new LagAbdication({
      electionMs: options.timings.electionMs,
      electionTicks: state.options.electionTicks,
      nowMs: () => world.clock.monotonicMs(),
      loopLagMs: () => this.#health.sustainedMs,
      loopLagMsOf: (peer) => this.#transport.loopLagMsOf(peer),
    });
    this.#transport = new PeerTransport({
      world,
      credentials: this.#credentials,
      listen: options.listen,
      self: {
        ...protocol,
        clusterId: identity.groupId,
        member: memberId(identity.memberId),
        directory: identity.directory,
        incarnation,
      },
      address: options.address,
      reconnectMsMax: options.timings.electionMs / 2,
      configuration,
      wasRemoved: (id) => {
        const { configuration: latest, configurationCommitted } = inspect(state);
        return configurationCommitted && wasRemoved(latest, id);
      },
      expelled: () => this.#expelled(),
      loopLagMs: () => Math.round(this.#health.sustainedMs),
      message: (message) => this.#heard(message),
      peerDown: (peer) => this.dispatch({ kind: 'peer-down', peer }),
      reachability: (peers) => tell({ kind: 'unreachable', peers: new Map(peers) }),
      administer: (request) => this.#routing.here(request),
    });
  }

  /** Everything that happens goes through here, one event after the other, to the end. */
  dispatch(event: Event): void {
    if (this.#dead) return;
    this.#events.push(event);
    if (this.#stepping) return;
    this.#stepping = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        const { effects } = step(this.#state, next);
        for (const effect of effects) this.#carryOut(effect);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#stepping = false;
    }
  }

  /** From the main thread. */
  receive(message: ToCore): void {
    if (message.kind === 'administer') void this.#administer(message.id, message.request);
    if (message.kind === 'credentials') this.#credentials.replace(message.tls);
    if (message.kind === 'snapshot-staged') this.#writer.stagedFolders.set(message.snapshotId, message.stateFolder);
    const event = eventOf(message);
    if (event !== undefined) this.dispatch(event);
  }

  /** Ends in order: what was promised is on disk, and the next start knows exactly where the log ends. */
  async stop(): Promise<void> {
    const failed = this.#dead;
    this.#dead = true;
    for (const each of this.#running) each[Symbol.dispose]();
    this.#ticker?.close();
    this.#disk?.close();
    this.#administration.close();
    this.#transport.close();
    await this.#snapshots.idle();
    // After a failed write nothing more is written, not even that this was the end.
    if (!failed) await this.#writer.close();
    await this.#opened.promises.close();
    await this.#opened.log.database.close();
  }

  async #begin(): Promise<void> {
    const port = await this.#transport.listen();
    const { configuration, configurationCommitted } = inspect(this.#state);
    const { report, log } = this.#opened;
    this.#tell({ kind: 'started', identity: this.#identity, report, base: log.stored.base, configuration, port });
    if (configurationCommitted) this.#look(configuration);
    this.#transport.follow(configuration);
    this.#writer.deleteObsolete();
    const { tickMs } = this.#options.timings;
    this.#ticker = new Ticker(
      this.#world,
      tickMs,
      (elapsedTicks) => this.dispatch({ kind: 'tick', elapsedTicks }),
      (lagMs) => this.#health.note(lagMs),
    );
    this.#disk = new DiskSpace(this.#world, this.#opened.directory.path, this.#options.diskReserveBytes, (low) =>
      this.dispatch({ kind: 'disk-space', low }),
    );
    this.#running.push(this.#world.timers.every(housekeepingMs, () => this.#keepHouse()));
    this.#hurryWhenAlone();
  }

  /** Nobody else can lead a cluster of one: its election timeout would be waiting for nobody. */
  #hurryWhenAlone(): void {
    const { configuration } = inspect(this.#state);
    const [voter, ...others] = configuration.voters;
    if (voter !== this.#state.options.id || others.length > 0 || configuration.outgoing.length > 0) return;
    const ticks = 2 * this.#state.options.electionTicks;
    for (let tick = 0; tick < ticks && inspect(this.#state).role === 'follower'; tick++)
      this.dispatch({ kind: 'tick', elapsedTicks: 1 });
  }

  #carryOut(effect: Effect): void {
    this.#administration.observe(effect);
    const handle = this.#handlers[effect.kind] as (effect: Effect) => void;
    handle(effect);
  }

  readonly #handlers: { readonly [K in EffectKind]: (effect: Extract<Effect, { kind: K }>) => void } = {
    persist: (effect) => this.#writer.submit(effect),
    send: (effect) => {
      if (effect.afterSeq === 0) this.#send(effect);
      else this.#held.push(effect);
    },
    apply: ({ entries }) => {
      const frames = packFrames(entries);
      this.#tell({ kind: 'apply', frames }, [frames.buffer]);
    },
    'read-entries': ({ reader, from, to, maxBytes }) => void this.#readEntries(reader, from, to, maxBytes),
    checkpoint: (effect) => this.#tell(effect),
    'open-snapshot': (effect) => this.#snapshots.carryOut(effect),
    'load-chunk': (effect) => this.#snapshots.carryOut(effect),
    'close-snapshot': (effect) => this.#snapshots.carryOut(effect),
    'store-chunk': (effect) => this.#snapshots.carryOut(effect),
    'stage-snapshot': (effect) => this.#snapshots.carryOut(effect),
    'discard-snapshot': (effect) => this.#snapshots.carryOut(effect),
    'read-ready': (effect) => this.#tell(effect),
    'read-failed': (effect) => this.#tell(effect),
    'proposals-refused': ({ kind, ids, reason }) => this.#tell({ kind, ids, reason }),
    'membership-appended': () => undefined,
    'membership-refused': () => undefined,
    'transfer-ended': () => undefined,
    'role-changed': ({ role, term, leader }) => this.#tell({ kind: 'role', role, term, leader }),
    'configuration-changed': ({ configuration, committed }) => {
      if (committed) this.#look(configuration);
      this.#transport.follow(configuration);
      this.#tell({ kind: 'configuration', configuration, committed });
    },
    notice: ({ notice }) => {
      this.#notices.add(notice);
      this.#tell({ kind: 'notice', notice });
      if (notice.kind === 'removed') this.#expelled();
      if (notice.kind === 'learner-caught-up') queueMicrotask(() => this.#promote());
    },
  };

  /** Nothing that rests on a write is said before it is durable; then it is said before anything else happens. */
  #durable(seq: number): void {
    if (this.#dead) return;
    const held = this.#held;
    this.#held = held.filter(({ afterSeq }) => afterSeq > seq);
    for (const effect of held) if (effect.afterSeq <= seq) this.#send(effect);
    this.dispatch({ kind: 'persisted', seq });
  }

  #send({ message, mayWait }: Extract<Effect, { kind: 'send' }>): void {
    if (message.kind === 'heartbeat') this.#roundTrips.sent(message);
    this.#transport.send(message, mayWait);
  }

  #heard(message: Message): void {
    this.dispatch({ kind: 'message', message });
    if (message.kind !== 'heartbeat-answer') return;
    const near = this.#roundTrips.answered(message);
    if (near !== undefined) this.dispatch({ kind: 'peer-near', peer: message.from, near });
  }

  async #readEntries(reader: MemberId | 'apply', from: LogIndex, to: LogIndex, maxBytes: number): Promise<void> {
    try {
      const entries = await this.#opened.log.database.read(this.#writer.generation, from, to, maxBytes);
      this.dispatch({ kind: 'entries-read', reader, entries });
    } catch (error) {
      this.#fail(error);
    }
  }

  async #administer(id: number, request: AdminRequest): Promise<void> {
    const outcome = await this.#routing.anywhere(request, this.#transport);
    this.#tell({ kind: 'administered', id, outcome });
  }

  #promote(): void {
    const promotable = nextToPromote(this.#state);
    if (promotable !== undefined) void this.#administration.carryOut({ kind: 'promote', member: promotable });
  }

  /** Whether this member is in it at all. */
  #look(configuration: Configuration): void {
    if (wasRemoved(configuration, this.#state.options.id)) this.#expelled();
  }

  #expelled(): void {
    if (this.#removed) return;
    this.#removed = true;
    this.#tell({ kind: 'removed' });
  }

  #keepHouse(): void {
    this.#promote();
    this.#transport.dismissRemoved();
    const heir = this.#abdication.heir(inspect(this.#state));
    if (heir !== undefined) this.dispatch({ kind: 'transfer', to: heir });
    const metrics = coreMetrics({
      state: this.#state,
      notices: this.#notices,
      writer: this.#writer,
      loopLagMs: this.#health.takeLongestMs(),
      loopLagMsP99: this.#health.p99Ms,
      lagAbdications: this.#abdication.count,
      freeBytes: this.#disk?.freeBytes ?? 0,
      transport: this.#transport,
    });
    this.#tell({ kind: 'metrics', metrics });
  }

  /** After a failed write nothing may be said or tried any more: the kernel may have dropped what it could not write. */
  #fail(error: unknown): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#transport.close();
    this.#tell({ kind: 'fatal', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
