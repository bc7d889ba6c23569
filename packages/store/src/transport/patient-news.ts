import type { Append, MemberId, Message } from '@berth/raft';
import type { World } from '@berth/world';

/** Long enough for a client that was answered to write again, short enough that nobody notices. */
const patienceMs = 2;

/**
 * Messages that may wait: the last one for each peer, for one to two times the patience. Each is a message less when an append that says the same
 * leaves in that time, which is so whenever one write follows the other.
 */
export class PatientNews {
  readonly #world: World;
  readonly #send: (message: Message) => void;
  /** Those that came since the timer was set, and those from before. */
  #young = new Map<MemberId, Message>();
  #old = new Map<MemberId, Message>();
  #timer: Disposable | undefined;

  constructor(world: World, send: (message: Message) => void) {
    this.#world = world;
    this.#send = send;
  }

  keep(message: Message): void {
    this.#old.delete(message.to);
    this.#young.set(message.to, message);
    this.#timer ??= this.#world.timers.after(patienceMs, () => this.#age());
  }

  forgetIfToldBy(append: Append): void {
    for (const kept of [this.#young, this.#old]) {
      const message = kept.get(append.to);
      if (message?.kind !== 'commit-notice') continue;
      if (message.term === append.term && message.commit <= append.commit) kept.delete(append.to);
    }
  }

  close(): void {
    this.#timer?.[Symbol.dispose]();
    this.#young.clear();
    this.#old.clear();
  }

  #age(): void {
    const due = this.#old;
    this.#old = this.#young;
    this.#young = new Map();
    this.#timer = this.#old.size > 0 ? this.#world.timers.after(patienceMs, () => this.#age()) : undefined;
    for (const message of due.values()) this.#send(message);
  }
}
