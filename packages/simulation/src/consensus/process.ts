import { createRaft, type Effect, type Event, type Message, type RaftOptions, type RaftState, step } from '@berth/raft';
import { Applier } from './applier.ts';
import { ClientDesk } from './client-desk.ts';
import { DiskWriter } from './disk-writer.ts';
import { LeaderLoops } from './leader-loops.ts';
import type { Recovered } from './sim-disk.ts';
import type { SimMember } from './sim-member.ts';
import { SnapshotShell } from './snapshot-shell.ts';
import type { World } from './world.ts';

/** Length of a tick on a perfect clock. */
const tickUs = 50_000;
/** Longest time a message that may wait is kept back. */
const patienceUs = 5_000;

/** One run of a server: the core, and a shell with one thread. Dies with everything that is not on the disk. */
export class Process {
  readonly member: SimMember;
  readonly world: World;
  readonly raft: RaftState;
  readonly writer: DiskWriter;
  readonly applier: Applier;
  readonly snapshots: SnapshotShell;
  readonly desk: ClientDesk;
  readonly #loops: LeaderLoops;
  #alive = true;
  #paused = false;
  #backlog: (() => void)[] = [];
  #lastTickUs: number;

  constructor(member: SimMember, options: RaftOptions, recovered: Recovered) {
    this.member = member;
    this.world = member.world;
    this.raft = createRaft(options, recovered.stored);
    this.writer = new DiskWriter(this);
    this.applier = new Applier(this, recovered.machine, member.disk.image.base);
    this.snapshots = new SnapshotShell(this);
    this.desk = new ClientDesk(this);
    this.#loops = new LeaderLoops(this);
    this.#lastTickUs = this.world.queue.nowUs;
    this.#scheduleTick();
  }

  get alive(): boolean {
    return this.#alive;
  }

  get incarnation(): number {
    return this.raft.options.incarnation;
  }

  /** A turn of the event loop; waits while the process is paused. */
  run(task: () => void): void {
    if (!this.#alive) return;
    if (this.#paused) this.#backlog.push(task);
    else task();
  }

  later(delayUs: number, task: () => void): void {
    this.world.queue.after(delayUs, () => this.run(task));
  }

  step(event: Event): void {
    if (!this.#alive) return;
    const { effects } = step(this.raft, event);
    this.world.watch.stepped(this, event, effects);
    for (const effect of effects) {
      if (!this.#alive) return;
      this.#carryOut(effect);
    }
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'persist':
        this.writer.order(effect);
        return;
      case 'send':
        if (effect.afterSeq > 0) this.writer.hold(effect);
        else if (effect.mayWait) this.later(this.world.dice.fraction() * patienceUs, () => this.post(effect.message));
        else this.post(effect.message);
        return;
      case 'apply':
        this.applier.apply(effect);
        return;
      case 'read-ready':
        this.desk.answerReads(effect.ids, effect.index);
        return;
      case 'read-failed':
        this.desk.answerReads(effect.ids, undefined);
        return;
      case 'proposals-refused':
        this.desk.refused(effect.ids, effect.certain);
        return;
      case 'membership-appended':
        this.desk.answerChange(effect.id, 'appended');
        return;
      case 'membership-refused':
        this.desk.answerChange(effect.id, 'refused');
        return;
      case 'role-changed':
        this.#loops.follow(effect.role, effect.term);
        return;
      case 'read-entries':
        this.#readEntries(effect);
        return;
      case 'checkpoint':
        this.#checkpoint();
        return;
      default:
        this.#carryOutSnapshot(effect);
    }
  }

  #carryOutSnapshot(effect: Effect): void {
    switch (effect.kind) {
      case 'open-snapshot':
        this.snapshots.open(effect);
        return;
      case 'load-chunk':
        this.snapshots.load(effect);
        return;
      case 'close-snapshot':
        this.snapshots.close(effect.snapshotId);
        return;
      case 'store-chunk':
        this.snapshots.store(effect);
        return;
      case 'stage-snapshot':
        this.snapshots.stage(effect.snapshot);
        return;
      case 'discard-snapshot':
        this.snapshots.discard();
        return;
      default:
    }
  }

  #readEntries({ reader, from, to, maxBytes }: Extract<Effect, { kind: 'read-entries' }>): void {
    const { disk } = this.member;
    // What stands there now is what the answer will show, however late a hung disk lets it come.
    const entries = disk.read(from, to, maxBytes);
    const ms = this.world.dice.waiting(this.world.plan.disk.writeMs);
    this.later(ms * 1000 + this.writer.stalledUs, () => {
      // A record that does not verify: the process ends, and its successor finds out how much is lost.
      if (entries.length > 0) this.step({ kind: 'entries-read', reader, entries });
      else if (disk.damaged) this.member.crash('kept');
    });
  }

  #checkpoint(): void {
    this.later(this.world.dice.waiting(this.world.plan.disk.writeMs) * 1000, () => {
      const { disk } = this.member;
      disk.image = this.applier.image();
      disk.watermark = disk.lastIndex;
      this.world.watch.checkpointed(this.member, this.applier.machine);
      this.step({ kind: 'checkpointed', index: disk.image.base.index });
    });
  }

  /** A message leaves. */
  post(message: Message): void {
    this.world.watch.released(this.member, message);
    this.world.network.send({ message, directory: this.member.disk.directory });
    this.member.afterSend(message);
  }

  #scheduleTick(): void {
    this.world.queue.after(tickUs / this.member.clockRate, () => {
      if (!this.#alive || this.#paused) return;
      this.#tick(1);
      this.#scheduleTick();
    });
  }

  #tick(elapsedTicks: number): void {
    this.#lastTickUs = this.world.queue.nowUs;
    this.step({ kind: 'tick', elapsedTicks });
  }

  /** Whole ticks that have passed and were not delivered yet. */
  elapsedTicks(): number {
    return Math.floor(((this.world.queue.nowUs - this.#lastTickUs) * this.member.clockRate) / tickUs);
  }

  /**
   * Nothing runs: garbage collection, a suspended machine. Afterwards what has arrived comes first, then one tick for all of the time.
   */
  pause(forUs: number, clockRuns: boolean): void {
    if (this.#paused) return;
    this.#paused = true;
    this.world.queue.after(forUs, () => {
      if (!this.#alive) return;
      this.#paused = false;
      const elapsed = clockRuns ? Math.max(1, this.elapsedTicks()) : 1;
      const backlog = this.#backlog;
      this.#backlog = [];
      for (const task of backlog) this.run(task);
      if (!this.#alive) return;
      this.#tick(elapsed);
      this.#scheduleTick();
    });
  }

  die(): void {
    this.#alive = false;
    this.#backlog = [];
  }
}
