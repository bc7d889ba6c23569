import { type Apply, baseAfter, type Entry, entryOrigin, type LogBase, logIndex } from '@berth/raft';
import { type Applied, KeyValueMachine, type Result } from './key-value-machine.ts';
import type { Process } from './process.ts';
import type { StateImage } from './sim-disk.ts';

interface Reader {
  readonly index: number;
  readonly run: () => void;
}

/** The state machine's side of a process: applies slices in order, answers writers and readers, makes images of the state. */
export class Applier {
  readonly #process: Process;
  #machine: KeyValueMachine;
  #base: LogBase;
  #queue: Apply[] = [];
  #busy = false;
  #readers: Reader[] = [];
  readonly #writers = new Map<string, (result: Result) => void>();

  constructor(process: Process, machine: KeyValueMachine, base: LogBase) {
    this.#process = process;
    this.#machine = machine;
    this.#base = base;
  }

  get machine(): KeyValueMachine {
    return this.#machine;
  }

  /** State and place in one piece, as every write of it must be (rule 25). */
  image(): StateImage {
    return { base: this.#base, state: this.#machine.save() };
  }

  /** The result of this command, when it is applied by this process. */
  await(session: number, sequence: number, done: (result: Result) => void): void {
    this.#writers.set(`${session}/${sequence}`, done);
  }

  forget(session: number, sequence: number): void {
    this.#writers.delete(`${session}/${sequence}`);
  }

  /** Runs once `index` is applied here (rule 34). */
  readAt(index: number, run: () => void): void {
    if (this.#machine.index >= index) run();
    else this.#readers.push({ index, run });
  }

  apply(slice: Apply): void {
    this.#queue.push(slice);
    if (!this.#busy) this.#start();
  }

  /** Takes everything that is waiting in one turn. */
  #start(): void {
    const slices = this.#queue;
    if (slices.length === 0) return;
    this.#queue = [];
    this.#busy = true;
    const { world } = this.#process;
    const us = world.dice.waiting(world.plan.disk.applyMs) * 1000;
    this.#process.later(us, () => {
      for (const slice of slices) {
        // A snapshot may have overtaken it.
        if ((slice.entries[0] as Entry).index === this.#machine.index + 1) this.#applyNow(slice);
      }
      this.#busy = false;
      this.#start();
    });
  }

  #applyNow(slice: Apply): void {
    const { member, world } = this.#process;
    const answers: (() => void)[] = [];
    for (const entry of slice.entries) {
      const applied = this.#machine.apply(entry);
      this.#base = baseAfter(this.#base, entry);
      world.watch.understood(this.#process, this.#base.featureLevel);
      world.watch.applied(member, entry, this.#machine.hash, applied);
      if (applied !== undefined) this.#answer(entry, applied, answers);
    }
    for (const answer of answers) answer();
    this.#wakeReaders();
    this.#process.step({ kind: 'applied', index: logIndex(this.#machine.index) });
  }

  #answer(entry: Entry, applied: Applied, answers: (() => void)[]): void {
    const { session, sequence } = entryOrigin(entry);
    const key = `${session}/${sequence}`;
    const writer = this.#writers.get(key);
    if (writer === undefined) return;
    this.#writers.delete(key);
    answers.push(() => writer(applied.result));
  }

  /** A snapshot was installed: the state on the disk is the state now; applies under way are void. */
  replace(): void {
    const { disk } = this.#process.member;
    this.#queue = [];
    this.#machine = KeyValueMachine.load(disk.image.state, disk.image.base.index);
    this.#base = disk.image.base;
    this.#process.world.watch.understood(this.#process, this.#base.featureLevel);
    this.#process.world.watch.installed(this.#process.member, this.#machine);
    this.#wakeReaders();
  }

  #wakeReaders(): void {
    const ready = this.#readers.filter((reader) => reader.index <= this.#machine.index);
    if (ready.length === 0) return;
    this.#readers = this.#readers.filter((reader) => reader.index > this.#machine.index);
    for (const reader of ready) reader.run();
  }
}
