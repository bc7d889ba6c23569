import {
  type Configuration,
  checkHandshake,
  foundingConfiguration,
  type Handshake,
  type Member,
  memberId,
} from '@berth/raft';
import { History } from '../history/history.ts';
import { Probes } from '../probes.ts';
import { Dice } from '../world/dice.ts';
import { EventQueue } from '../world/event-queue.ts';
import { TraceHash } from '../world/trace-hash.ts';
import type { Target } from './fault.ts';
import { FaultInjector } from './fault-injector.ts';
import { Operator } from './operator.ts';
import type { Plan } from './plan.ts';
import type { Process } from './process.ts';
import { SimClient } from './sim-client.ts';
import { SimMember } from './sim-member.ts';
import { type Parcel, SimNetwork } from './sim-network.ts';
import { Watch } from './watch.ts';
import type { World } from './world.ts';

const clusterId = 'simulated';

/** A whole cluster with its clients, operator and misfortunes in one thread, driven by one seed. */
export class Simulation implements World {
  readonly plan: Plan;
  readonly queue: EventQueue = new EventQueue();
  readonly dice: Dice;
  readonly network: SimNetwork;
  readonly probes: Probes = new Probes();
  readonly trace: TraceHash = new TraceHash();
  readonly history: History = new History();
  readonly members: Map<number, SimMember> = new Map();
  readonly watch: Watch;
  readonly founding: Configuration;
  readonly clients: SimClient[] = [];
  readonly injector: FaultInjector;
  finished = false;
  /** The leader of this term must stay for the run to mean anything; set by faults that only it can notice. */
  steadyTerm: number | undefined;
  #nonce = 0;
  #incarnation = 0;
  #newestLevel = 1;

  constructor(plan: Plan) {
    this.plan = plan;
    this.dice = new Dice(plan.seed, 'shells');
    this.network = new SimNetwork(this.queue, new Dice(plan.seed, 'network'), plan.network, (parcel) =>
      this.#arrive(parcel),
    );
    this.watch = new Watch(this.members, this.probes, this.trace);
    this.founding = foundCluster(plan);
    for (const record of this.founding.members) {
      this.members.set(record.id, new SimMember(this, record, this.founding, 1));
    }
    for (const member of this.members.values()) member.start();
    for (let id = 1; id <= plan.load.clients; id++) {
      this.clients.push(new SimClient(this, id, new Dice(plan.seed, `client-${id}`)));
    }
    this.injector = new FaultInjector(this, new Operator(this));
  }

  nextNonce(): number {
    return ++this.#nonce;
  }

  nextIncarnation(): number {
    return ++this.#incarnation;
  }

  /** The server in this slot, when it runs. */
  serverAt(slot: number): Process | undefined {
    return this.memberAt(slot)?.process;
  }

  memberAt(target: Target): SimMember | undefined {
    if (target === 'leader') return this.leader();
    const present = [...this.members.values()].filter((member) => !member.retired);
    if (target === 'follower') return present.find((member) => member !== this.leader());
    return present[target % present.length];
  }

  /** Of those that lead or think so, the one with the highest term. */
  leader(): SimMember | undefined {
    let best: SimMember | undefined;
    for (const member of this.members.values()) {
      if (member.process?.raft.role.kind !== 'leader') continue;
      if (best === undefined || member.process.raft.hardState.term > (best.process?.raft.hardState.term ?? 0))
        best = member;
    }
    return best;
  }

  /** Everybody who counts in the youngest configuration that any log holds, in either half. */
  voters(): number[] {
    let youngest = this.founding;
    let index = -1;
    for (const { process } of this.members.values()) {
      if (process === undefined || process.raft.log.configurationIndex <= index) continue;
      youngest = process.raft.log.configuration;
      index = process.raft.log.configurationIndex;
    }
    return [...new Set<number>([...youngest.voters, ...youngest.outgoing])];
  }

  /**
   * Whether every configuration that may be in force somewhere keeps a majority of sound voters, in both halves, without these members.
   */
  canSpare(gone: ReadonlySet<number>): boolean {
    const isSound = (id: number): boolean => {
      const member = this.members.get(id);
      return member !== undefined && !gone.has(id) && !member.weak && !member.retired;
    };
    for (const { process, disk } of this.members.values()) {
      for (const { voters, outgoing } of [disk.configuration, process?.raft.log.configuration ?? disk.configuration]) {
        for (const half of [voters, outgoing]) {
          if (half.length > 0 && half.filter(isSound).length * 2 <= half.length) return false;
        }
      }
    }
    return true;
  }

  /** Level of the newest program that was ever in use: what a new server is installed with. */
  get newestLevel(): number {
    return this.#newestLevel;
  }

  /** Puts a program of this level on a server, newer or older than what it had; it runs from the next start on. */
  install(member: SimMember, featureLevel: number): void {
    member.featureLevel = featureLevel;
    this.#newestLevel = Math.max(this.#newestLevel, featureLevel);
  }

  #arrive(parcel: Parcel): void {
    const { message } = parcel;
    const process = this.members.get(message.to)?.process;
    if (process === undefined) {
      if (this.plan.network.hints) this.#hint(message.from, message.to);
      return;
    }
    process.run(() => {
      if (this.#refused(parcel, process)) {
        this.probes.hit('handshake-refused');
        return;
      }
      this.watch.heard(process, parcel);
      process.step({ kind: 'message', message });
      if (message.kind === 'heartbeat-answer')
        process.step({ kind: 'peer-near', peer: message.from, near: process.world.dice.chance(0.5) });
    });
  }

  /** The transport of the sender notices that nobody listens. */
  #hint(from: number, to: number): void {
    const sender = this.members.get(from)?.process;
    sender?.later(1_000, () => sender.step({ kind: 'peer-down', peer: memberId(to) }));
  }

  /** Either side of a connection refuses the other when its directory is not the one that joined (rule 44). */
  #refused({ message, directory }: Parcel, receiver: Process): boolean {
    const { disk, id } = receiver.member;
    const sender = this.members.get(message.from);
    const theirs = handshake(message.from, message.to, directory, message.incarnation);
    const mine = handshake(id, message.from, disk.directory, receiver.incarnation);
    if (checkHandshake(mine, theirs, receiver.raft.log.configuration) !== undefined) return true;
    const known = sender?.process?.raft.log.configuration;
    return known !== undefined && checkHandshake(theirs, mine, known) !== undefined;
  }
}

function handshake(member: number, peer: number, directory: string, incarnation: number): Handshake {
  return {
    clusterId,
    member: memberId(member),
    peer: memberId(peer),
    directory,
    incarnation,
    protocolMin: 1,
    protocolMax: 1,
  };
}

function foundCluster(plan: Plan): Configuration {
  const records = Array.from({ length: plan.voters + plan.learners }, (_, i): Member => {
    const id = i + 1;
    return {
      id: memberId(id),
      directory: `dir-${id}`,
      address: `host-${id}`,
      preferred: plan.preferred.includes(id),
    };
  });
  return foundingConfiguration(records.slice(0, plan.voters), records.slice(plan.voters));
}
