import type { HardState, Message, Persist } from '@berth/raft';
import type { Process } from './process.ts';
import type { SimMember } from './sim-member.ts';
import { Violation } from './violation.ts';

/** A member's word: terms never fall, one vote per term, nothing spoken that is not durable, over all its incarnations. */
export class PromiseCheck {
  /** Highest durable term per member and directory. */
  readonly #terms = new Map<string, number>();
  /** Votes that have left: `directory/term` to candidate. */
  readonly #votes = new Map<string, number>();
  /** Votes that were counted: `member/term` to candidate. */
  readonly #counted = new Map<string, number>();

  started(process: Process): void {
    const { member } = process;
    const { directory, hardState } = member.disk;
    const term = this.#terms.get(directory) ?? 0;
    if (hardState.term < term) {
      throw new Violation('terms never fall', `member ${member.id} starts in term ${hardState.term} after ${term}`);
    }
  }

  /** What the core is about to promise. */
  spoken(process: Process, hardState: HardState): void {
    const { member } = process;
    const durable = member.disk.hardState;
    if (hardState.term < durable.term) {
      throw new Violation(
        'terms never fall',
        `member ${member.id} goes from term ${durable.term} to ${hardState.term}`,
      );
    }
  }

  wrote(member: SimMember, write: Persist): void {
    if (write.hardState === undefined) return;
    const { directory } = member.disk;
    this.#terms.set(directory, Math.max(write.hardState.term, this.#terms.get(directory) ?? 0));
  }

  /** A message leaves: what it rests on must be on the disk (persist before you speak). */
  released(member: SimMember, message: Message): void {
    const { disk } = member;
    if (message.term > disk.hardState.term) {
      this.#unkept(member, message, `the disk is in term ${disk.hardState.term}`);
    }
    if (member.lostPromise) this.#silent(member, message);
    switch (message.kind) {
      case 'vote-answer':
        if (message.granted) this.#voted(member, message.term, message.to);
        return;
      case 'vote-request':
        this.#voted(member, message.term, member.id);
        return;
      case 'append-accepted':
        if (disk.hardState.term === message.term && disk.lastIndex < message.matchIndex) {
          this.#unkept(member, message, `the disk ends at ${disk.lastIndex}, promised is ${message.matchIndex}`);
        }
        return;
      case 'snapshot-progress':
        if (message.status === 'installed' && disk.lastIndex < message.matchIndex) {
          this.#unkept(member, message, `the disk ends at ${disk.lastIndex}, promised is ${message.matchIndex}`);
        }
        return;
      default:
    }
  }

  /** A member that knows of its loss neither votes nor counts. */
  #silent(member: SimMember, message: Message): void {
    const speaks =
      (message.kind === 'vote-answer' && message.granted) || ('quarantined' in message && !message.quarantined);
    if (!speaks) return;
    throw new Violation(
      'lost promises neither vote nor count',
      `member ${member.id} sends ${message.kind} of term ${message.term}`,
    );
  }

  /** A vote is counted: whoever stands behind an id votes once per term. */
  heard(message: Message): void {
    if (message.kind !== 'vote-answer' || !message.granted) return;
    const key = `${message.from}/${message.term}`;
    const before = this.#counted.get(key);
    if (before !== undefined && before !== message.to) {
      throw new Violation(
        'one vote per term',
        `member ${message.from} counted for ${before} and ${message.to} in term ${message.term}`,
      );
    }
    this.#counted.set(key, message.to);
  }

  #voted(member: SimMember, term: number, candidate: number): void {
    const { disk } = member;
    const key = `${disk.directory}/${term}`;
    const before = this.#votes.get(key);
    if (before !== undefined && before !== candidate) {
      throw new Violation(
        'one vote per term',
        `member ${member.id} voted for ${before} and ${candidate} in term ${term}`,
      );
    }
    this.#votes.set(key, candidate);
    const { hardState } = disk;
    if (hardState.term === term && hardState.vote !== candidate) {
      throw new Violation(
        'persist before you speak',
        `member ${member.id} votes for ${candidate} in term ${term}, on its disk stands ${hardState.vote}`,
      );
    }
  }

  #unkept(member: SimMember, message: Message, fact: string): never {
    throw new Violation(
      'persist before you speak',
      `member ${member.id} sends ${message.kind} of term ${message.term}, ${fact}`,
    );
  }
}
