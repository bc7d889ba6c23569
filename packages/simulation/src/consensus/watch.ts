import type { Effect, Entry, Event, Message, Notice, Persist } from '@berth/raft';
import type { Probes } from '../probes.ts';
import type { TraceHash } from '../world/trace-hash.ts';
import { CanonicalLog } from './canonical-log.ts';
import { CommitCheck } from './commit-check.ts';
import type { Applied, KeyValueMachine } from './key-value-machine.ts';
import { noteProbes } from './notice-probes.ts';
import type { Process } from './process.ts';
import { PromiseCheck } from './promise-check.ts';
import type { SimMember } from './sim-member.ts';
import type { Parcel } from './sim-network.ts';
import { mixEvent } from './trace-mixing.ts';
import { Violation } from './violation.ts';

/**
 * Sees everything that happens and checks, after every event, what must hold whatever goes wrong. Every check costs a constant amount of work.
 */
export class Watch {
  readonly log: CanonicalLog = new CanonicalLog();
  readonly #promises: PromiseCheck = new PromiseCheck();
  readonly #commits: CommitCheck;
  readonly #probes: Probes;
  readonly #trace: TraceHash;
  /** Who led which term. */
  readonly #leaders = new Map<number, number>();
  /** Where each command with a session was executed. */
  readonly #executed = new Map<string, number>();
  readonly #sessionTables = new Map<number, number>();
  leaderChanges = 0;

  constructor(members: ReadonlyMap<number, SimMember>, probes: Probes, trace: TraceHash) {
    this.#probes = probes;
    this.#trace = trace;
    this.#commits = new CommitCheck(members, this.log);
  }

  started(process: Process): void {
    this.#promises.started(process);
    this.#commits.started(process);
  }

  crashed(member: SimMember): void {
    this.#trace.add(member.id);
  }

  stepped(process: Process, event: Event, effects: readonly Effect[]): void {
    if (event.kind === 'message') this.#promises.heard(event.message);
    mixEvent(this.#trace, process.member.id, event, effects);
    for (const effect of effects) {
      if (effect.kind === 'role-changed') this.#roleChanged(process, effect.role, effect.term);
      else if (effect.kind === 'configuration-changed') {
        this.#commits.configured(process, effect);
        if (effect.configuration.outgoing.length > 0) this.#probes.hit('joint-in-force');
      } else if (effect.kind === 'notice') this.#noticed(process, event, effect.notice);
      else if (effect.kind === 'persist' && effect.hardState !== undefined)
        this.#promises.spoken(process, effect.hardState);
    }
    this.#commits.stepped(process, event);
  }

  /** An id belongs to the directory it joined with, for everybody who knows of that (rule 44). */
  heard({ member, raft }: Process, { message, directory }: Parcel): void {
    const joined = raft.log.configuration.members.find(({ id }) => id === message.from);
    if (joined === undefined || joined.directory === directory) return;
    throw new Violation(
      'an id belongs to one directory',
      `member ${member.id} listens to ${directory} as member ${message.from}, which joined with ${joined.directory}`,
    );
  }

  #noticed(process: Process, event: Event, notice: Notice): void {
    noteProbes(this.#probes, process.raft, notice);
    if (notice.kind === 'quarantine-left') process.member.lostPromise = false;
    if (notice.kind === 'stepped-down' && event.kind === 'message') this.#deposedBy(process, event.message);
  }

  /** Members that were removed do not disturb (rule 43). */
  #deposedBy(process: Process, message: Message): void {
    const { configuration } = process.raft.log.committedConfiguration;
    if (configuration.members.some((member) => member.id === message.from)) return;
    if (message.kind === 'vote-request' && message.transfer) return;
    throw new Violation(
      'removed members do not disturb',
      `leader ${process.member.id} stepped down for ${message.kind} of ${message.from}, term ${message.term}`,
    );
  }

  #roleChanged(process: Process, role: string, term: number): void {
    if (role !== 'leader') return;
    const { id } = process.member;
    const other = this.#leaders.get(term);
    if (other !== undefined && other !== id) {
      throw new Violation('one leader per term', `members ${other} and ${id} lead term ${term}`);
    }
    this.#leaders.set(term, id);
    this.leaderChanges++;
    this.#commits.elected(process);
  }

  released(member: SimMember, message: Message): void {
    this.#promises.released(member, message);
  }

  wrote(member: SimMember, write: Persist): void {
    if (write.install !== undefined) this.#tailConnects(member);
    let previousTerm: number | undefined;
    for (const entry of write.entries) {
      previousTerm ??= member.disk.entry(entry.index - 1)?.term ?? member.disk.base.term;
      this.log.written(member.id, entry, previousTerm);
      previousTerm = entry.term;
    }
    this.#promises.wrote(member, write);
  }

  /** What stands behind an installed snapshot, if anything, must follow it (rule 48). */
  #tailConnects({ id, disk }: SimMember): void {
    const next = disk.entry(disk.base.index + 1);
    if (next !== undefined) this.log.written(id, next, disk.base.term);
  }

  applied(member: SimMember, entry: Entry, hash: number, applied: Applied | undefined): void {
    this.log.applied(member.id, entry, hash);
    if (applied === undefined) return;
    if (applied.result.status === 'fenced') this.#probes.hit('fenced-write-refused');
    if (applied.result.status === 'expired') this.#probes.hit('expired-session-refused');
    if (applied.session === 0) return;
    if (!applied.executed) {
      this.#probes.hit('duplicate-answered-again');
      return;
    }
    const key = `${applied.session}/${applied.sequence}`;
    const before = this.#executed.get(key);
    if (before !== undefined && before !== entry.index) {
      throw new Violation('once per session and sequence', `${key} was executed at ${before} and at ${entry.index}`);
    }
    this.#executed.set(key, entry.index);
  }

  /** A version applies nothing that is written at a feature level it does not support, entries or snapshots (rule 70). */
  understood(process: Process, featureLevel: number): void {
    const { supportedFeatureLevel } = process.raft.options;
    if (featureLevel <= supportedFeatureLevel) return;
    throw new Violation(
      'apply only what is understood',
      `member ${process.member.id} supports feature level ${supportedFeatureLevel}, its state is of ${featureLevel}`,
    );
  }

  installed(member: SimMember, machine: KeyValueMachine): void {
    this.log.installed(member.id, machine.index, machine.hash);
    this.#sameSessions(member, machine);
  }

  checkpointed(member: SimMember, machine: KeyValueMachine): void {
    this.#sameSessions(member, machine);
  }

  /** Sessions are part of the state, in snapshots too (rule 61). */
  #sameSessions(member: SimMember, machine: KeyValueMachine): void {
    const size = this.#sessionTables.get(machine.index);
    if (size === undefined) this.#sessionTables.set(machine.index, machine.sessions.size);
    else if (size !== machine.sessions.size) {
      throw new Violation('equal states', `member ${member.id} has another session table at ${machine.index}`);
    }
  }
}
