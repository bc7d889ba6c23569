import { type Configuration, type Member, type Message, memberId, raftOptions } from '@berth/raft';
import { checksum } from './checksum.ts';
import type { PromiseKind } from './fault.ts';
import { Process } from './process.ts';
import { type CrashImage, SimDisk } from './sim-disk.ts';
import type { World } from './world.ts';

/** A server of the simulated cluster: a disk, a clock, and most of the time a process. */
export class SimMember {
  readonly id: number;
  readonly world: World;
  readonly record: Member;
  readonly clockRate: number;
  disk: SimDisk;
  process: Process | undefined;
  featureLevel: number;
  /** Off for good, by the operator's will. */
  retired = false;
  /** Its directory was wiped: nobody may talk to it under its old id. */
  wiped = false;
  /** It lost something it may have promised; its processes of earlier incarnations than `hurtBefore` did not know. */
  hurt = false;
  hurtBefore = 0;
  /** It lost something it had promised, and its shell could know; until it has left its quarantine. */
  lostPromise = false;
  #wallOffsetMs: number;
  #armed: { readonly promise: PromiseKind; readonly image: CrashImage; readonly downMs: number } | undefined;

  constructor(world: World, record: Member, configuration: Configuration, featureLevel: number) {
    const { drift } = world.plan.clocks;
    this.id = record.id;
    this.world = world;
    this.record = record;
    this.featureLevel = featureLevel;
    this.clockRate = 1 + (world.dice.fraction() * 2 - 1) * drift;
    this.#wallOffsetMs = world.dice.between(-50, 50);
    this.disk = new SimDisk(record.directory, configuration);
  }

  get up(): boolean {
    return this.process?.alive === true;
  }

  /** What its clock on the wall shows: data only (rule 66). */
  wallMs(): number {
    return 1_700_000_000_000 + Math.round(this.world.queue.nowUs / 1000) + this.#wallOffsetMs;
  }

  jumpWallClock(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  start(): void {
    if (this.up || this.retired) return;
    const { world } = this;
    const options = raftOptions({
      ...world.plan.core,
      id: memberId(this.id),
      incarnation: world.nextIncarnation(),
      seed: world.dice.uint32(),
      checksum,
      supportedFeatureLevel: this.featureLevel,
    });
    const recovered = this.disk.recover();
    if (recovered.tornTail > 0) world.probes.hit('torn-tail-discarded');
    if (recovered.stored.promiseLost) world.probes.hit('damage-found');
    if (recovered.stored.partialSnapshot !== undefined) world.probes.hit('partial-snapshot-kept');
    this.process = new Process(this, options, recovered);
    world.watch.started(this.process);
  }

  crash(image: CrashImage): void {
    const { process } = this;
    if (process === undefined || !process.alive) return;
    process.die();
    this.process = undefined;
    this.disk.crash(process.writer.underWay, image, this.world.dice);
    this.world.watch.crashed(this);
  }

  /** Crashes, and comes back after a while. */
  bounce(image: CrashImage, downMs: number): void {
    this.crash(image);
    this.world.queue.after(downMs * 1000, () => this.start());
  }

  /** Crashes right after the next message of this kind has left: the moment when a promise must already be kept. */
  armCrash(promise: PromiseKind, image: CrashImage, downMs: number): void {
    this.#armed = { promise, image, downMs };
  }

  disarm(): void {
    this.#armed = undefined;
  }

  afterSend(message: Message): void {
    const armed = this.#armed;
    if (armed === undefined || message.kind !== armed.promise) return;
    if (message.kind === 'vote-answer' && !message.granted) return;
    this.#armed = undefined;
    this.world.probes.hit('crash-after-promise');
    this.bounce(armed.image, armed.downMs);
  }

  /** Something it may have promised is about to be lost. */
  harm(): void {
    this.hurt = true;
    this.hurtBefore = this.world.nextIncarnation();
  }

  /** Whether a quorum can do without its word for the moment: lost promises that are not yet made good. */
  get weak(): boolean {
    if (this.wiped) return true;
    if (!this.hurt) return false;
    const quarantinedUpTo = this.process?.raft.hardState.quarantinedUpTo ?? this.disk.hardState.quarantinedUpTo;
    return !this.up || this.disk.damaged || quarantinedUpTo !== undefined;
  }

  /** An empty directory, as after the loss of the disk. */
  wipe(configuration: Configuration): void {
    this.harm();
    this.wiped = true;
    this.disk = new SimDisk(`${this.record.directory}-again`, configuration);
  }
}
