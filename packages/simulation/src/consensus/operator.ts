import {
  type Configuration,
  emptyConfiguration,
  isVoter,
  type Member,
  type MembershipChange,
  memberId,
} from '@berth/raft';
import { encodeCommand } from './command.ts';
import type { Process } from './process.ts';
import { SimMember } from './sim-member.ts';
import type { Simulation } from './simulation.ts';

const patienceUs = 20_000_000;
const periodUs = 700_000;
const maxMembers = 9;

/** Asks for changes of membership, as an operator with tools would: starts new servers, promotes them when they have caught up, retires old ones. */
export class Operator {
  readonly #simulation: Simulation;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  transfer(target: SimMember): void {
    this.#simulation.leader()?.process?.step({ kind: 'transfer', to: memberId(target.id) });
  }

  /** A write of the leader's own that nobody waits for. */
  proposeOrphan({ process }: SimMember): void {
    if (process === undefined) return;
    const fence = process.raft.hardState.term;
    const payload = encodeCommand({ command: { op: 'fenced', fence }, wallMs: process.member.wallMs() }, 0);
    const origin = { session: 0, sequence: this.#simulation.nextNonce(), ackedBelow: 0 };
    process.desk.propose(payload, origin, () => undefined);
  }

  /** A new server with a directory of its own joins as a learner. */
  add(): void {
    const configuration = this.#configuration();
    if (configuration === undefined || configuration.members.length >= maxMembers) return;
    const member = this.#newServer(configuration);
    this.#try([{ kind: 'add-learner', member: member.record }], () => undefined);
  }

  #newServer(configuration: Configuration): SimMember {
    const { members } = this.#simulation;
    const known = [...members.keys()];
    const id = Math.max(configuration.nextMemberId, ...known.map((other) => other + 1));
    const record: Member = { id: memberId(id), directory: `dir-${id}`, address: `host-${id}`, preferred: false };
    const member = new SimMember(this.#simulation, record, emptyConfiguration, this.#simulation.newestLevel);
    members.set(id, member);
    member.start();
    return member;
  }

  promote(): void {
    const learner = this.#configuration()?.learners.find((id) => this.#simulation.members.get(id)?.up);
    if (learner === undefined) return;
    this.#insist(patienceUs, (done) => this.#try([{ kind: 'promote', id: learner }], done));
  }

  demote(target: SimMember | undefined): void {
    if (target === undefined || this.#votersLeft(target) < 1) return;
    this.#try([{ kind: 'demote', id: memberId(target.id) }], () => undefined);
  }

  remove(target: SimMember | undefined): void {
    if (target === undefined || this.#votersLeft(target) < 1) return;
    this.#try([{ kind: 'remove', id: memberId(target.id) }], () => undefined);
  }

  /** Promotes a learner and removes a voter in one change; starts a learner for it when there is none. */
  replace(target: SimMember | undefined): void {
    const configuration = this.#configuration();
    if (target === undefined || configuration === undefined) return;
    const id = memberId(target.id);
    if (!isVoter(configuration, id)) return;
    if (!configuration.learners.some((other) => this.#simulation.members.get(other)?.up)) this.add();
    this.#insist(patienceUs, (done) => {
      const learner = this.#configuration()?.learners.find((other) => this.#simulation.members.get(other)?.up);
      if (learner === undefined) return;
      const changes: MembershipChange[] = [
        { kind: 'promote', id: learner },
        { kind: 'remove', id },
      ];
      this.#try(changes, done);
    });
  }

  /** A wiped server is of no use under its old id: it is removed, and may come back as a new one. */
  replaceWiped(wiped: SimMember): void {
    const id = memberId(wiped.id);
    this.#insist(Number.POSITIVE_INFINITY, (done) => {
      const configuration = this.#configuration();
      if (configuration !== undefined && !configuration.members.some((member) => member.id === id)) {
        wiped.retired = true;
        wiped.crash('lost');
        done();
        return;
      }
      this.#try([{ kind: 'remove', id }], () => undefined);
    });
  }

  #votersLeft(without: SimMember): number {
    return this.#configuration()?.voters.filter((id) => id !== without.id).length ?? 0;
  }

  #configuration(): Configuration | undefined {
    return this.#simulation.leader()?.process?.raft.log.configuration;
  }

  #try(changes: readonly MembershipChange[], done: () => void): void {
    const process = this.#simulation.leader()?.process;
    if (this.#wouldBeRash(changes)) return;
    process?.run(() => {
      process.desk.change(changes, (outcome) => {
        this.#simulation.probes.hit(`change-${outcome}`);
        if (outcome === 'appended') done();
      });
      this.#beImpatient(process);
    });
  }

  /** Half of the time another change is asked for before the first one can be done: it has to wait (rule 38). */
  #beImpatient(process: Process): void {
    const { raft } = process;
    const [member] = raft.log.configuration.members;
    if (member === undefined || this.#simulation.dice.chance(0.5)) return;
    const { id, address, preferred } = member;
    const changes: MembershipChange[] = [{ kind: 'update', id, address, preferred }];
    process.desk.change(changes, (outcome) => this.#simulation.probes.hit(`second-change-${outcome}`));
  }

  /** While somebody's promises are lost, nobody but him is changed: the leader cannot know of every loss in time. */
  #wouldBeRash(changes: readonly MembershipChange[]): boolean {
    const named = new Set<number>(changes.flatMap((change) => ('id' in change ? [change.id] : [])));
    return this.#simulation.voters().some((id) => this.#simulation.members.get(id)?.weak && !named.has(id));
  }

  /** Again and again, until it is done or the patience ends. */
  #insist(forUs: number, attempt: (done: () => void) => void): void {
    const { queue } = this.#simulation;
    const endUs = queue.nowUs + forUs;
    let over = false;
    const turn = (): void => {
      if (over || queue.nowUs > endUs || this.#simulation.finished) return;
      attempt(() => {
        over = true;
      });
      queue.after(periodUs, turn);
    };
    turn();
  }
}
