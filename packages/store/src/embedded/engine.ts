import { join } from 'node:path';
import type { Entry, Proposal } from '@berth/raft';
import type { World } from '@berth/world';
import type { StorageReport } from '../consensus/storage-report.ts';
import type { AdminOutcome, AdminRequest } from '../link/admin.ts';
import type { CoreIdentity, FromCore } from '../link/core-messages.ts';
import { packProposals } from '../link/proposal-packing.ts';
import type { Outcome } from '../state/state-machine.ts';
import type { PeerTls } from '../transport/peer-credentials.ts';
import { ClusterView } from './cluster-view.ts';
import { CoreLink } from './core-link.ts';
import { LeaderChores } from './leader-chores.ts';
import type { EmbeddedMetrics } from './metrics.ts';
import type { CompiledOptions } from './options.ts';
import { OwnRecord } from './own-record.ts';
import { Proposer } from './proposer.ts';
import { ReadBarrier } from './read-barrier.ts';
import { Replica, type ReplicaListener } from './replica.ts';
import { Scrubber } from './scrubber.ts';
import { SnapshotSending } from './snapshot-sending.ts';
import { SnapshotStaging } from './snapshot-staging.ts';

const appliedEveryMs = 5;

/**
 * The parts of the embedded store on the main thread, and what the consensus thread tells them. Its parts know nothing of each other;
 * what connects them is here.
 */
export class Engine {
  readonly view: ClusterView = new ClusterView();
  readonly replica: Replica;
  readonly proposer: Proposer;
  readonly reads: ReadBarrier;
  readonly #world: World;
  readonly #options: CompiledOptions;
  readonly #link: CoreLink;
  readonly #sending: SnapshotSending;
  readonly #staging: SnapshotStaging;
  readonly #chores: LeaderChores;
  readonly #scrubber: Scrubber;
  readonly #ownRecord: OwnRecord;
  readonly #starting: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  readonly #admins = new Map<number, (outcome: AdminOutcome) => void>();
  #nextAdmin = 1;
  #coreMetrics: EmbeddedMetrics['core'];
  #identity: CoreIdentity = { clusterId: '', groupId: '', memberId: 0, incarnation: 0 };
  #report: StorageReport = { verdict: 'ok', reasons: [] };
  #appliedIndex = 0;
  #tellingApplied: Disposable | undefined;
  #over = false;

  constructor(world: World, options: CompiledOptions) {
    this.#world = world;
    this.#options = options;
    const { core, requestTimeoutMs: timeoutMs } = options;
    const failed = (error: unknown): void =>
      this.#fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
    const listener: ReplicaListener = {
      outcome: (entry, outcome) => this.#applied(entry, outcome),
      applied: (index) => this.#tellApplied(index),
      jumped: () => this.#jumped(),
      failed,
    };
    this.replica = new Replica(world, core.dataDirectory, listener, options.retention);
    const timing = { world, view: this.view, electionMs: core.timings.electionMs, timeoutMs };
    this.proposer = new Proposer({ ...timing, send: (proposals) => this.#propose(proposals) });
    this.reads = new ReadBarrier({
      ...timing,
      waiters: this.replica.waiters,
      appliedIndex: () => this.replica.state.position.index,
      ask: (id) => this.#link.post({ kind: 'read', id }),
    });
    this.#sending = new SnapshotSending(world);
    this.#staging = new SnapshotStaging(core.dataDirectory, options.onDamage);
    this.#chores = new LeaderChores({
      world,
      retention: options.retention,
      everyMs: options.choresEveryMs,
      leads: () => this.view.board.present.kind === 'leader',
      state: () => this.replica.state,
      propose: (command) => this.proposer.propose(command),
    });
    const folders = (): string[] => ['log', this.replica.folder].map((folder) => join(core.dataDirectory, folder));
    this.#scrubber = new Scrubber(world, options.scrubPauseMs, folders, options.onDamage);
    this.#ownRecord = new OwnRecord(core.address, this.view, (request) => this.administer(request));
    this.replica.foresee();
    this.#link = new CoreLink(core, (message) => this.#receive(message), failed);
  }

  get identity(): CoreIdentity {
    return this.#identity;
  }

  get report(): StorageReport {
    return this.#report;
  }

  /** Resolves when the state is loaded and this member takes part; rejects with a sentence for the operator. */
  async start(): Promise<void> {
    try {
      await this.#starting.promise;
    } catch (error) {
      this.#over = true;
      await this.#link.refused();
      this.#chores.close();
      this.#scrubber.close();
      this.proposer.close();
      await this.replica.close();
      throw error;
    }
  }

  /** Waits for an election, not for longer than one. */
  async administer(request: AdminRequest): Promise<AdminOutcome> {
    const { timers, clock } = this.#world;
    const { electionMs } = this.#options.core.timings;
    const endMs = clock.monotonicMs() + 2 * electionMs;
    for (;;) {
      const outcome = await this.#ask(request);
      const passes = outcome.kind === 'refused' && outcome.reason === 'no-leader';
      if (!passes || this.#over || clock.monotonicMs() > endMs) return outcome;
      await timers.sleep(electionMs / 10);
    }
  }

  replaceCredentials(tls: PeerTls): void {
    this.#link.post({ kind: 'credentials', tls });
  }

  metrics(): EmbeddedMetrics {
    const { machine, writer, position, history } = this.replica.state;
    return {
      revision: machine.space.revision,
      compactRevision: history.floor,
      keys: machine.space.present.size,
      historyBytes: writer.historyBytes,
      appliedIndex: position.index,
      backlogBytes: writer.backlogBytes,
      watchers: this.replica.watches.size,
      sessions: machine.sessions.size,
      pendingWrites: this.proposer.pending,
      pendingReads: this.reads.pending,
      scrub: this.#scrubber.report,
      core: this.#coreMetrics,
    };
  }

  /** The consensus thread ends first: what it still hands over is applied, and then nothing comes any more. */
  async stop(): Promise<void> {
    this.#chores.close();
    this.#scrubber.close();
    this.#ownRecord.close();
    this.proposer.close();
    this.reads.close();
    this.#tellingApplied?.[Symbol.dispose]();
    await this.#link.stop();
    this.#over = true;
    for (const settle of this.#admins.values())
      settle({ kind: 'refused', reason: 'unavailable', message: 'the store is shutting down' });
    this.view.close();
    await this.#sending.closeAll();
    await this.#staging.close();
    await this.replica.close();
  }

  /** Everything the consensus thread says, in the order it says it. */
  #receive(message: FromCore): void {
    if (this.#over) return;
    const handle = this.#handlers[message.kind] as (message: FromCore) => void;
    handle(message);
  }

  readonly #handlers: { readonly [K in FromCore['kind']]: (message: Extract<FromCore, { kind: K }>) => void } = {
    'open-state': ({ stateFolder }) => {
      this.replica.openState(stateFolder).then(
        (found) => this.#link.post({ kind: 'state-opened', found }),
        (error) => this.#fail(`the state cannot be opened: ${String(error)}`),
      );
    },
    started: ({ identity, report, base, configuration }) => {
      this.#identity = identity;
      this.#report = report;
      this.replica.start(identity.clusterId, base);
      this.view.begin(identity.memberId, configuration, report);
      this.#starting.resolve();
    },
    refused: ({ message }) => this.#starting.reject(new Error(message)),
    apply: ({ frames }) => this.replica.enqueue(frames),
    'read-ready': ({ ids, index }) => this.reads.ready(ids, index),
    'read-failed': ({ ids, reason }) => this.reads.failed(ids, reason),
    'proposals-refused': ({ ids, reason }) => this.proposer.refused(ids, reason),
    role: (role) => this.view.setRole(role),
    configuration: ({ configuration }) => this.view.setConfiguration(configuration),
    removed: () => {
      this.view.setRemoved();
      this.#options.onRemoved(this.view.leaderlessReason());
    },
    unreachable: ({ peers }) => this.view.setUnreachable(peers),
    checkpoint: () => void this.#checkpoint(),
    'open-snapshot': (message) => void this.#send(message),
    'load-chunk': (message) => void this.#send(message),
    'close-snapshot': (message) => void this.#send(message),
    'snapshot-arriving': (message) => this.#staged(this.#staging.arrived(message)),
    'snapshot-discarded': ({ snapshotId }) => this.#staged(this.#staging.discarded(snapshotId)),
    'stage-snapshot': (message) => {
      this.#staged(this.#staging.stage(message, this.replica).then((answer) => this.#link.post(answer)));
    },
    'switch-state': ({ stateFolder }) => this.replica.switchTo(stateFolder),
    administered: ({ id, outcome }) => {
      this.#admins.get(id)?.(outcome);
      this.#admins.delete(id);
    },
    notice: ({ notice }) => this.#options.onNotice(notice),
    metrics: ({ metrics }) => {
      this.#coreMetrics = metrics;
    },
    fatal: ({ reason }) => this.#fail(reason),
    stopped: () => undefined,
  };

  #applied(entry: Entry, outcome: Outcome): void {
    this.proposer.applied(entry, outcome);
    this.view.applied(entry.term);
    if (outcome.kind === 'hash-checked' && outcome.found !== undefined && outcome.found !== outcome.expected)
      this.#fail(
        `the state of this server differs from the leader's: hash ${outcome.found} instead of ${outcome.expected}`,
      );
  }

  /** The consensus thread needs to know it only roughly: some milliseconds of entries share one message. */
  #tellApplied(index: number): void {
    this.#appliedIndex = index;
    this.#tellingApplied ??= this.#world.timers.after(appliedEveryMs, () => {
      this.#tellingApplied = undefined;
      this.#link.post({ kind: 'applied', index: this.#appliedIndex });
    });
  }

  #jumped(): void {
    const { machine, position } = this.replica.state;
    this.view.setConfiguration(position.configuration);
    this.view.applied(position.term);
    this.proposer.jumped((session, sequence) => {
      const known = machine.sessions.lookup(session, sequence);
      return known.kind === 'repeated' ? known.result : undefined;
    });
  }

  #staged(work: Promise<void>): void {
    work.catch((error) => this.#fail(`a snapshot cannot be staged: ${String(error)}`));
  }

  async #checkpoint(): Promise<void> {
    const { writer } = this.replica.state;
    const { index } = writer.base;
    try {
      await writer.sync();
      this.#link.post({ kind: 'checkpointed', index });
    } catch {
      // The writer has told of its failure by itself, and this process is about to end.
    }
  }

  #propose(proposals: readonly Proposal[]): void {
    const { count, packed } = packProposals(proposals);
    this.#link.post({ kind: 'propose', count, packed }, [packed]);
  }

  async #send(message: Parameters<SnapshotSending['carryOut']>[0]): Promise<void> {
    await this.#sending.carryOut(message, this.replica.state, (answer) => this.#link.post(answer));
  }

  #ask(request: AdminRequest): Promise<AdminOutcome> {
    const id = this.#nextAdmin++;
    return new Promise((resolve) => {
      this.#admins.set(id, resolve);
      this.#link.post({ kind: 'administer', id, request });
    });
  }

  #fail(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#starting.reject(new Error(reason));
    this.#options.onFatal(reason);
  }
}
