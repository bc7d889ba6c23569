import type { Configuration, Effect, Event } from '@berth/raft';
import type { CanonicalLog } from './canonical-log.ts';
import type { Process } from './process.ts';
import type { SimMember } from './sim-member.ts';
import { Violation } from './violation.ts';

interface Seen {
  commit: number;
  applied: number;
  configurationIndex: number;
}

/** Commit and apply: monotonic, agreed, with a quorum of durable copies behind every decision, and complete in every new leader. */
export class CommitCheck {
  readonly #members: ReadonlyMap<number, SimMember>;
  readonly #log: CanonicalLog;
  readonly #seen = new WeakMap<Process, Seen>();

  constructor(members: ReadonlyMap<number, SimMember>, log: CanonicalLog) {
    this.#members = members;
    this.#log = log;
  }

  started(process: Process): void {
    const { log } = process.raft;
    this.#seen.set(process, {
      commit: log.commitIndex,
      applied: log.appliedIndex,
      configurationIndex: log.configurationIndex,
    });
  }

  stepped(process: Process, event: Event): void {
    const seen = this.#seen.get(process);
    if (seen === undefined) return;
    const { log } = process.raft;
    const { id } = process.member;
    if (log.commitIndex !== seen.commit) {
      if (log.commitIndex < seen.commit) {
        throw new Violation('commit never falls', `member ${id} goes from ${seen.commit} to ${log.commitIndex}`);
      }
      this.#committed(process, seen.commit + 1, log.commitIndex);
      seen.commit = log.commitIndex;
    }
    if (log.handedOver > log.commitIndex || log.commitIndex > log.lastIndex) {
      throw new Violation(
        'applied <= commit <= last',
        `member ${id} stands at ${log.handedOver}, ${log.commitIndex}, ${log.lastIndex}`,
      );
    }
    if (event.kind === 'message' && event.message.kind === 'append-accepted')
      this.#matchIsTrue(process, event.message.from);
    if (event.kind === 'tick') this.#writes(process);
    this.#bounded(process);
  }

  /** A leader whose disk hangs leads nobody (rule 58). */
  #writes(process: Process): void {
    const { role, disk, options } = process.raft;
    if (role.kind === 'leader' && disk.oldestAge > options.hungDiskTicks) {
      throw new Violation(
        'a hung disk leads nobody',
        `leader ${process.member.id} waits ${disk.oldestAge} ticks for a write`,
      );
    }
  }

  #committed(process: Process, from: number, to: number): void {
    const { raft, member } = process;
    const { log } = raft;
    for (let index = Math.max(from, log.base.index + 1); index <= to; index++) {
      const term = log.termAt(index as never);
      if (term === undefined)
        throw new Violation('applied <= commit <= last', `member ${member.id} has no entry ${index}`);
      if (raft.role.kind === 'leader' && !this.#log.has(index) && index === to) this.#hasQuorum(process, index, term);
      this.#log.committed(member.id, index, term, raft.hardState.term);
    }
  }

  /** Every decision of a leader rests on durable copies at a majority, in both halves while joint. */
  #hasQuorum(leader: Process, index: number, term: number): void {
    const { configuration } = leader.raft.log;
    for (const half of [configuration.voters, configuration.outgoing]) {
      if (half.length === 0) continue;
      const holders = half.filter((id) => this.#holds(leader, id, index, term));
      if (holders.length * 2 <= half.length) {
        throw new Violation(
          'a quorum of durable copies',
          `member ${leader.member.id} commits ${index} of term ${term}, of ${half.join(',')} only ${holders.join(',')} hold it`,
        );
      }
    }
  }

  #holds(leader: Process, id: number, index: number, term: number): boolean {
    const member = this.#members.get(id);
    if (member === undefined) return false;
    if (member.disk.holds(index, term)) return true;
    // Lost to damage after it was acknowledged, and the leader cannot know yet.
    const { role } = leader.raft;
    if (!member.hurt || role.kind !== 'leader') return false;
    const heardOf = role.progress.get(id as never)?.incarnation ?? 0;
    return heardOf < member.hurtBefore;
  }

  /** What a leader believes of a follower's present process is on that follower's disk. */
  #matchIsTrue(process: Process, from: number): void {
    const { role, hardState } = process.raft;
    if (role.kind !== 'leader') return;
    const progress = role.progress.get(from as never);
    const peer = this.#members.get(from);
    if (progress === undefined || peer?.process === undefined) return;
    if (peer.process.incarnation !== progress.incarnation) return;
    if (peer.disk.hardState.term !== hardState.term || peer.wiped) return;
    if (peer.disk.lastIndex < progress.match) {
      throw new Violation(
        'match is durable',
        `leader ${process.member.id} believes ${progress.match} of member ${from}, whose disk ends at ${peer.disk.lastIndex}`,
      );
    }
  }

  /** A new leader holds everything that was ever committed (Raft paper, 5.4.3). */
  elected(process: Process): void {
    const { log, hardState } = process.raft;
    const decided = this.#log.decidedBefore(hardState.term);
    if (decided === undefined || decided.index <= log.base.index) return;
    const term = log.termAt(decided.index as never);
    if (term !== decided.term) {
      throw new Violation(
        'leader completeness',
        `member ${process.member.id} leads term ${hardState.term}, at ${decided.index} it has term ${term} where ${decided.term} was committed`,
      );
    }
  }

  /** At most one change of membership is under way, in any log of a leader (rule 38). */
  configured(process: Process, effect: Extract<Effect, { kind: 'configuration-changed' }>): void {
    const seen = this.#seen.get(process);
    if (seen === undefined) return;
    const { raft, member } = process;
    if (raft.role.kind === 'leader' && !effect.committed && effect.index > seen.configurationIndex) {
      if (seen.configurationIndex > raft.log.commitIndex) {
        throw new Violation(
          'one change at a time',
          `leader ${member.id} adds the change at ${effect.index} while that at ${seen.configurationIndex} is open`,
        );
      }
      if (raft.log.commitIndex < raft.role.firstIndex) {
        throw new Violation('no change before the own term commits', `leader ${member.id} at ${effect.index}`);
      }
    }
    seen.configurationIndex = raft.log.configurationIndex;
    this.#sane(member.id, effect.configuration);
  }

  #sane(id: number, { voters, learners, outgoing }: Configuration): void {
    if (voters.length === 0) throw new Violation('a voter is left', `member ${id} has none`);
    for (const learner of learners) {
      if (voters.includes(learner) || outgoing.includes(learner)) {
        throw new Violation('learners are no voters', `member ${id}: ${learner}`);
      }
    }
  }

  /** Nothing grows without bound. */
  #bounded(process: Process): void {
    const { role, options, applying } = process.raft;
    const slack = options.maxProposalBytes;
    if (role.kind === 'leader' && role.uncommittedBytes > options.maxUncommittedBytes + slack) {
      throw new Violation(
        'bounded memory',
        `${role.uncommittedBytes} uncommitted bytes at leader ${process.member.id}`,
      );
    }
    if (applying.bytes > options.maxApplyingBytes + options.maxApplyBytes + slack) {
      throw new Violation('bounded memory', `${applying.bytes} bytes being applied at member ${process.member.id}`);
    }
  }
}
