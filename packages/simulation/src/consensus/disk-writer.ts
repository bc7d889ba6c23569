import type { Message, Persist, Send } from '@berth/raft';
import type { Process } from './process.ts';

/** Writes taken into one synced batch at most. */
const maxBatch = 64;
/** The watermark is written again after this long. */
const watermarkUs = 1_000_000;

/** Group commit as the store does it: one batch under way, the next one is everything that arrived meanwhile. Holds promises back until they are durable. */
export class DiskWriter {
  readonly #process: Process;
  #queue: Persist[] = [];
  #underWay: Persist[] = [];
  #held: Send[] = [];
  #watermarkAtUs = 0;
  /** The next batch fails. */
  failNext = false;
  stalledUntilUs = 0;

  constructor(process: Process) {
    this.#process = process;
  }

  get underWay(): readonly Persist[] {
    return this.#underWay;
  }

  /** How long the disk will go on doing nothing. */
  get stalledUs(): number {
    return Math.max(0, this.stalledUntilUs - this.#process.world.queue.nowUs);
  }

  order(write: Persist): void {
    this.#queue.push(write);
    if (this.#underWay.length === 0) this.#start();
  }

  hold(send: Send): void {
    this.#held.push(send);
  }

  #start(): void {
    const { world } = this.#process;
    this.#underWay = this.#queue.splice(0, maxBatch);
    if (this.#underWay.length === 0) return;
    const { writeMs, slow, slowMs } = world.plan.disk;
    const ms = world.dice.chance(slow) ? slowMs : world.dice.waiting(writeMs);
    world.queue.after(ms * 1000 + this.stalledUs, () => this.#complete());
  }

  #complete(): void {
    const { member, world } = this.#process;
    if (!this.#process.alive) return;
    if (world.queue.nowUs < this.stalledUntilUs) {
      world.queue.at(this.stalledUntilUs, () => this.#complete());
      return;
    }
    if (this.failNext) {
      // Nobody knows what a failed write left behind: no retry, the process ends (rule 54).
      this.failNext = false;
      world.probes.hit('write-error-aborts');
      member.crash('prefix');
      return;
    }
    const batch = this.#underWay;
    for (const write of batch) {
      member.disk.write(write);
      world.watch.wrote(member, write);
    }
    if (world.queue.nowUs - this.#watermarkAtUs > watermarkUs) {
      member.disk.watermark = member.disk.lastIndex;
      this.#watermarkAtUs = world.queue.nowUs;
    }
    if (batch.length > 1) world.probes.hit('group-commit');
    this.#underWay = [];
    this.#process.run(() => this.#report(batch));
    if (this.#process.alive && this.#underWay.length === 0) this.#start();
  }

  #report(batch: readonly Persist[]): void {
    const seq = (batch.at(-1) as Persist).seq;
    for (const write of batch) if (write.install !== undefined) this.#process.applier.replace();
    const released: Message[] = [];
    const still: Send[] = [];
    for (const send of this.#held) {
      if (send.afterSeq <= seq) released.push(send.message);
      else still.push(send);
    }
    this.#held = still;
    for (const message of released) if (this.#process.alive) this.#process.post(message);
    this.#process.step({ kind: 'persisted', seq });
  }
}
