import { memberId } from '@berth/raft';
import { Dice } from '../world/dice.ts';
import { encodeCommand } from './command.ts';
import type { Process } from './process.ts';
import type { SimMember } from './sim-member.ts';
import type { Simulation } from './simulation.ts';
import { Violation } from './violation.ts';

const electWithin = 10;
const convergeMs = 60_000;
const checkMs = 500;

/**
 * The liveness phase: a core that can decide is healed, the rest may stay broken. The core must elect, commit something new, and come to equal states
 * within bounded time.
 */
export class Convergence {
  readonly #simulation: Simulation;
  readonly #dice: Dice;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#dice = new Dice(simulation.plan.seed, 'convergence');
  }

  run(): void {
    const { queue, network, injector, clients, plan } = this.#simulation;
    injector.stop();
    network.calmDown();
    const core = this.#heal();
    for (const client of clients) client.stop();
    const startUs = queue.nowUs;
    this.#await('elects in time', core, startUs + this.#electionBudgetUs(plan.core.electionTicks ?? 20), () =>
      core.some((member) => member.process?.raft.role.kind === 'leader'),
    );
    const target = this.#proposeUntilCommitted(core);
    this.#await('converges', core, queue.nowUs + convergeMs * 1000, () => this.#converged(core, target));
    this.#simulation.finished = true;
  }

  #electionBudgetUs(electionTicks: number): number {
    // Restarts, stalls and quarantines end first: the longest of them, and then the ten timeouts.
    return 20_000_000 + electWithin * electionTicks * 50_000;
  }

  /** Chooses who is healed: everybody, or everybody but a minority that stays down. */
  #heal(): SimMember[] {
    const { members } = this.#simulation;
    const left = this.#dice.chance(0.5) ? this.#leaveBehind() : new Set<number>();
    const core: SimMember[] = [];
    for (const member of members.values()) {
      member.disarm();
      if (member.retired) continue;
      if (left.has(member.id) && !member.weak) {
        member.crash('lost');
        member.retired = true;
        continue;
      }
      if (member.featureLevel < this.#simulation.newestLevel) {
        member.featureLevel = this.#simulation.newestLevel;
        member.crash('kept');
      }
      if (member.process !== undefined) {
        member.process.writer.stalledUntilUs = 0;
        member.process.writer.failNext = false;
        member.process.step({ kind: 'disk-space', low: false });
      } else member.start();
      if (!member.wiped) core.push(member);
    }
    return core;
  }

  /** As many voters as every configuration in any log can do without, weak ones first counted. */
  #leaveBehind(): Set<number> {
    const { members } = this.#simulation;
    const left = new Set<number>();
    for (const id of this.#dice.shuffled([...members.keys()])) {
      if (this.#simulation.canSpare(new Set([...left, id]))) left.add(id);
      if (this.#dice.chance(0.3)) break;
    }
    return left;
  }

  /** New commands until one of them is committed; returns the commit index that everybody must reach. */
  #proposeUntilCommitted(core: readonly SimMember[]): number {
    const { queue, watch } = this.#simulation;
    const before = watch.log.commitIndex;
    let committed = false;
    this.#await('commits in time', core, queue.nowUs + convergeMs * 1000, () => {
      const leader = this.#simulation.leader();
      if (leader?.process !== undefined)
        this.#propose(leader.process, () => {
          committed = true;
        });
      return committed && watch.log.commitIndex > before;
    });
    return watch.log.commitIndex;
  }

  #propose(process: Process, done: () => void): void {
    const payload = encodeCommand({ command: { op: 'put', key: 'final', value: 'x' }, wallMs: 0 }, 0);
    const origin = { session: 0, sequence: this.#simulation.nextNonce(), ackedBelow: 0 };
    process.run(() => process.desk.propose(payload, origin, (result) => result !== undefined && done()));
  }

  /** Everybody in the configuration who is up has applied it all, and nobody is left in quarantine or halfway through a change. */
  #converged(core: readonly SimMember[], target: number): boolean {
    const leader = this.#simulation.leader()?.process;
    if (leader === undefined) return false;
    const { configuration } = leader.raft.log;
    if (configuration.outgoing.length > 0) return false;
    return core.every((member) => {
      if (!configuration.members.some((other) => other.id === memberId(member.id))) return true;
      const { process } = member;
      return process !== undefined && process.applier.machine.index >= target;
    });
  }

  #await(what: string, core: readonly SimMember[], untilUs: number, holds: () => boolean): void {
    const { queue } = this.#simulation;
    for (;;) {
      if (holds()) return;
      if (queue.nowUs >= untilUs) break;
      queue.runUntil(Math.min(untilUs, queue.nowUs + checkMs * 1000));
    }
    throw new Violation(what, core.map(picture).join('\n'));
  }
}

function picture({ id, process, wiped }: SimMember): string {
  if (process === undefined) return `member ${id} is down`;
  const { raft, applier } = process;
  const { log, hardState, role } = raft;
  const marks = [
    wiped ? 'wiped' : '',
    hardState.quarantinedUpTo === undefined ? '' : `quarantined up to ${hardState.quarantinedUpTo}`,
    raft.halted ?? '',
    raft.removed ? 'removed' : '',
    raft.diskHung ? 'disk hung' : '',
  ];
  return [
    `member ${id} ${role.kind} term ${hardState.term} last ${log.lastIndex} commit ${log.commitIndex} applied ${applier.machine.index}`,
    `voters ${log.configuration.voters.join(',')} outgoing ${log.configuration.outgoing.join(',')}`,
    ...marks.filter((mark) => mark !== ''),
  ].join('; ');
}
