import { memberId } from '@berth/raft';
import { Dice } from '../world/dice.ts';
import type { Fault, FaultKind, Target } from './fault.ts';
import type { Operator } from './operator.ts';
import type { SimMember } from './sim-member.ts';
import type { Simulation } from './simulation.ts';

type Harm = Extract<Fault, { kind: 'rot' | 'wipe' }>;

/** How long a bystander is kept behind before a member is harmed. */
const lagMs = 1_500;

type Injectors = { readonly [K in FaultKind]: (fault: Extract<Fault, { kind: K }>) => void };

/** Makes the faults of a plan happen, as far as they leave the cluster something to recover from (the fault atlas). */
export class FaultInjector {
  readonly #simulation: Simulation;
  readonly #operator: Operator;
  #over = false;

  constructor(simulation: Simulation, operator: Operator) {
    this.#simulation = simulation;
    this.#operator = operator;
    for (const fault of simulation.plan.faults) {
      simulation.queue.at(fault.atMs * 1000, () => this.#inject(fault));
    }
  }

  stop(): void {
    this.#over = true;
  }

  #inject(fault: Fault): void {
    if (this.#over) return;
    this.#simulation.probes.hit(`fault-${fault.kind}`);
    const inject = this.#injectors[fault.kind] as (fault: Fault) => void;
    inject(fault);
  }

  #target(target: Target): SimMember | undefined {
    return this.#simulation.memberAt(target);
  }

  readonly #injectors: Injectors = {
    crash: (fault) => this.#target(fault.target)?.bounce(fault.image, fault.downMs),
    'crash-after-promise': (fault) => this.#target(fault.target)?.armCrash(fault.promise, fault.image, fault.downMs),
    'crash-all': (fault) => {
      for (const member of this.#simulation.members.values()) member.bounce(fault.image, fault.downMs);
    },
    partition: ({ shape, roll, forMs }) => {
      this.#simulation.network.partition(this.#ids(), shape, new Dice(roll, 'partition'), forMs);
    },
    pause: ({ target, forMs, clockRuns, deaf }) => {
      const member = this.#target(target);
      member?.process?.pause(forMs * 1000, clockRuns);
      if (member !== undefined && deaf) this.#simulation.network.deafen(member.id, this.#ids(), forMs + 1000);
    },
    usurp: ({ forMs, orphans }) => this.#usurp(forMs, orphans),
    'disk-stall': ({ target, forMs }) => {
      const writer = this.#target(target)?.process?.writer;
      if (writer !== undefined) writer.stalledUntilUs = Math.ceil(this.#simulation.queue.nowUs + forMs * 1000);
    },
    'write-error': ({ target, downMs }) => {
      const member = this.#target(target);
      if (member?.process === undefined) return;
      member.process.writer.failNext = true;
      this.#simulation.queue.after(downMs * 1000, () => member.start());
    },
    'disk-low': ({ target, forMs }) => this.#fillDisk(this.#target(target), forMs),
    rot: (fault) => this.#harm(fault, (victim) => this.#rot(victim)),
    'lose-tail': (fault) => this.#loseTail(fault),
    wipe: (fault) => this.#harm(fault, (victim) => this.#wipe(victim)),
    transfer: ({ to }) => {
      const target = this.#target(to);
      if (target !== undefined) {
        this.#simulation.leader()?.process?.run(() => this.#operator.transfer(target));
      }
    },
    add: () => this.#operator.add(),
    promote: () => this.#operator.promote(),
    demote: ({ target }) => this.#operator.demote(this.#target(target)),
    remove: ({ target }) => this.#operator.remove(this.#target(target)),
    replace: ({ target }) => this.#operator.replace(this.#target(target)),
    upgrade: ({ target, featureLevel }) => {
      const member = this.#target(target);
      if (member === undefined) return;
      this.#simulation.install(member, featureLevel);
      member.bounce('kept', 50);
    },
    'wall-jump': ({ target, byMs }) => this.#target(target)?.jumpWallClock(byMs),
  };

  #ids(): number[] {
    return [...this.#simulation.members.keys()];
  }

  /**
   * A member loses what it has promised. To make its word matter, another follower may be kept behind before, and the leader crash when the victim is
   * back: then whoever is elected next depends on it.
   */
  #harm({ target, downMs, decapitate }: Harm, injure: (victim: SimMember) => void): void {
    const { queue, network } = this.#simulation;
    const victim = this.#target(target);
    if (victim === undefined || !this.#mayHarm(victim)) return;
    const leader = this.#simulation.leader();
    const bystander = this.#ids().find((id) => id !== victim.id && id !== leader?.id);
    if (decapitate && bystander !== undefined) network.cutOff(bystander, this.#ids(), lagMs);
    queue.after(decapitate ? lagMs * 1000 : 0, () => {
      if (this.#over || !this.#mayHarm(victim)) return;
      if (victim.up) victim.crash('lost');
      injure(victim);
      if (decapitate) this.#simulation.leader()?.bounce('kept', downMs + 4_000);
      queue.after(downMs * 1000, () => victim.start());
    });
  }

  #rot(victim: SimMember): void {
    if (!victim.disk.rot(this.#simulation.dice)) return;
    victim.harm();
    victim.lostPromise = true;
    this.#simulation.probes.hit('record-rotted');
  }

  #wipe(victim: SimMember): void {
    victim.wipe(this.#simulation.founding);
    this.#operator.replaceWiped(victim);
  }

  #usurp(forMs: number, orphans: number): void {
    const leader = this.#simulation.leader();
    if (leader === undefined) return;
    const peer = memberId(leader.id);
    this.#simulation.network.cutOff(leader.id, this.#ids(), forMs);
    for (let i = 0; i < orphans; i++) leader.process?.run(() => this.#operator.proposeOrphan(leader));
    for (const { id, process } of this.#simulation.members.values()) {
      if (id !== leader.id) process?.run(() => process.step({ kind: 'peer-down', peer }));
    }
  }

  #fillDisk(member: SimMember | undefined, forMs: number): void {
    const process = member?.process;
    if (process === undefined) return;
    process.run(() => process.step({ kind: 'disk-space', low: true }));
    process.later(forMs * 1000, () => process.step({ kind: 'disk-space', low: false }));
  }

  /** Only where everybody else's promises are whole, and a majority can do without this member. */
  #mayHarm(victim: SimMember): boolean {
    if (victim.weak || victim.retired) return false;
    return this.#simulation.canSpare(new Set([victim.id]));
  }

  /** Only a leader that has heard the acknowledgements can notice: it must be up, and stay. */
  #loseTail({ target, entries, downMs }: Extract<Fault, { kind: 'lose-tail' }>): void {
    const member = this.#target(target);
    const leader = this.#simulation.leader();
    if (member?.process === undefined || leader?.process === undefined || member === leader) return;
    if (!this.#mayHarm(member) || !this.#simulation.voters().includes(member.id)) return;
    const { role } = leader.process.raft;
    const progress = role.kind === 'leader' ? role.progress.get(member.id as never) : undefined;
    if (progress === undefined || progress.match < member.disk.lastIndex || progress.match === 0) return;
    const lost = Math.min(entries, member.disk.lastIndex - member.disk.image.base.index);
    if (lost < 1) return;
    this.#simulation.probes.hit('tail-lost');
    member.crash('lost');
    member.harm();
    member.disk.loseTail(lost);
    this.#simulation.steadyTerm = leader.process.raft.hardState.term;
    this.#simulation.queue.after(downMs * 1000, () => member.start());
  }
}
