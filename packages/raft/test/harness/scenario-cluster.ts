import {
  type Configuration,
  type Event,
  emptyConfiguration,
  foundingConfiguration,
  type Member,
  type Message,
  memberId,
  type RaftOptions,
} from '../../src/index.ts';
import { messageText } from './message-text.ts';
import { ScenarioMember } from './scenario-member.ts';

/** Rounds after which a scenario that does not come to rest is given up. */
const maxRounds = 400;

export function testMember(id: number, preferred = false): Member {
  return { id: memberId(id), directory: `dir-${id}`, address: `10.0.0.${id}`, preferred };
}

/** The members of a scenario and the messages between them. Nothing moves unless the scenario says so. */
export class ScenarioCluster {
  readonly members: Map<number, ScenarioMember> = new Map();
  /** Sent and not yet delivered, in order. */
  flying: Message[] = [];
  /** Messages set aside by `keep`, to be replayed. */
  kept: Message[] = [];
  readonly cut: Set<string> = new Set();
  readonly trace: string[] = [];
  readonly #options: Partial<RaftOptions>;
  /** The committed log, as far as any member knew it: index to term and text. */
  readonly #decided = new Map<number, string>();
  readonly #leaders = new Map<number, number>();

  constructor(configuration: Configuration, options: Partial<RaftOptions>) {
    this.#options = options;
    for (const { id } of configuration.members) {
      const member = new ScenarioMember(id, configuration, options);
      this.members.set(id, member);
      member.start();
    }
  }

  static found(
    voters: number,
    learners: number,
    preferred: readonly number[],
    options: Partial<RaftOptions>,
  ): ScenarioCluster {
    const ids = Array.from({ length: voters + learners }, (_, i) => i + 1);
    const members = ids.map((id) => testMember(id, preferred.includes(id)));
    return new ScenarioCluster(foundingConfiguration(members.slice(0, voters), members.slice(voters)), options);
  }

  get(id: number): ScenarioMember {
    const member = this.members.get(id);
    if (member === undefined) throw new Error(`there is no member ${id}`);
    return member;
  }

  /** A new process with an empty log, waiting to be found. */
  join(id: number, options: Partial<RaftOptions>): void {
    const member = new ScenarioMember(id, emptyConfiguration, { ...this.#options, ...options });
    this.members.set(id, member);
    member.start();
  }

  step(id: number, event: Event, title: string | undefined): void {
    const member = this.get(id);
    if (!member.up) return;
    const { lines, messages } = member.step(event);
    if (title !== undefined || lines.length > 0) this.trace.push(`${id}: ${title ?? event.kind}`);
    for (const line of lines) this.trace.push(`  ${line}`);
    this.#post(messages);
    this.#check(member);
  }

  #post(messages: readonly Message[]): void {
    for (const message of messages) {
      if (!this.cut.has(`${message.from}>${message.to}`)) this.flying.push(message);
    }
  }

  deliver(message: Message): void {
    const to = this.members.get(message.to);
    if (to === undefined || !to.up) {
      this.trace.push(`${message.to}: is down, lost ${messageText(message)} from ${message.from}`);
      return;
    }
    this.step(message.to, { kind: 'message', message }, `<- ${message.from} ${messageText(message)}`);
  }

  persist(id: number): void {
    const { event, released } = this.get(id).persist();
    this.#post(released);
    const seq = event.kind === 'persisted' ? event.seq : 0;
    this.step(id, event, `persisted ${seq}`);
  }

  /** Everything goes on until nothing is left to do; members that are stuck write nothing. */
  stabilize(ids: readonly number[]): void {
    for (let round = 0; round < maxRounds; round++) {
      if (!this.#round(ids)) return;
    }
    throw new Error('the cluster does not come to rest');
  }

  #round(ids: readonly number[]): boolean {
    let moved = false;
    for (const id of ids) {
      const member = this.get(id);
      if (!member.up) continue;
      while (!member.stuck && member.disk.pending.length > 0) {
        this.persist(id);
        moved = true;
      }
      for (let event = member.apply(); event !== undefined; event = member.apply()) {
        this.step(id, event, undefined);
        moved = true;
      }
      for (let event = workOf(member); event !== undefined; event = workOf(member)) {
        this.step(id, event, event.kind);
        moved = true;
      }
      const mine = this.flying.filter((message) => message.to === id);
      this.flying = this.flying.filter((message) => message.to !== id);
      for (const message of mine) this.deliver(message);
      moved ||= mine.length > 0;
    }
    return moved;
  }

  /** What must hold after every step, whatever the scenario does. */
  #check(member: ScenarioMember): void {
    const { status, disk } = member;
    if (status.role === 'leader') {
      const leader = this.#leaders.get(status.term);
      if (leader !== undefined && leader !== member.id) this.#violated(`two leaders in term ${status.term}`);
      this.#leaders.set(status.term, member.id);
    }
    // While a snapshot is being installed the disk still shows the old log.
    if (disk.base.index < status.baseIndex) return;
    for (const entry of disk.entries) {
      if (entry.index > status.commitIndex || entry.index > status.durableIndex) break;
      const text = `${entry.term} ${entry.frame.length}`;
      const decided = this.#decided.get(entry.index);
      if (decided !== undefined && decided !== text)
        this.#violated(`member ${member.id} committed another entry ${entry.index}`);
      this.#decided.set(entry.index, text);
    }
  }

  #violated(fact: string): void {
    const line = `VIOLATION: ${fact}`;
    if (!this.trace.includes(line)) this.trace.push(line);
  }
}

function workOf(member: ScenarioMember): Event | undefined {
  return member.busy ? undefined : member.doWork();
}
